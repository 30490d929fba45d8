//! Figures: how much of what, however it is written.

use super::words::{WORDS, Words, ordinal_figure};

/// A figure read: how much of what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    /// The value, scale applied.
    pub(crate) value: f64,
    /// The currency sign, `%`, or `\0`.
    pub(crate) unit: char,
}

/// Reads a folded word as a figure: `$150bn`, `9`, `1.5%`, `nine`, `十二`.
pub(crate) fn figure(word: &str) -> Option<Figure> {
    figure_in(&WORDS, word)
}

/// Reads a figure with these lists.
pub(crate) fn figure_in(lists: &Words, word: &str) -> Option<Figure> {
    let mut chars = word.chars();
    let first = chars.next()?;
    let mut unit = '\0';
    let mut rest = word;
    if currency(first) {
        unit = first;
        rest = chars.as_str();
    }
    if let Some(value) = lists.number(rest) {
        return Some(Figure { value, unit });
    }
    if let Some(value) = han_figure(first).filter(|_| word.chars().count() == 1) {
        return Some(Figure { value: value as f64, unit });
    }
    if let Some(value) = lists.scale(word).filter(|_| word.len() > 2) {
        return Some(Figure { value, unit });
    }
    if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') || ordinal_figure(word) {
        return None;
    }
    let end = rest
        .char_indices()
        .find(|&(at, c)| !(c.is_ascii_digit() || c == '.' || c == ':' || (c == '-' && at == 0)))
        .map_or(rest.len(), |(at, _)| at);
    let (digits, grown) = rest.split_at(end);
    // Three digits after the point are thousands, as half of the world writes them.
    let thousands = digits
        .split_once('.')
        .is_some_and(|(whole, rest)| rest.len() == 3 && whole.len() <= 3 && whole != "0");
    let digits = if thousands { digits.replace('.', "") } else { digits.replace(':', ".") };
    let value: f64 = digits.parse().ok()?;
    match grown {
        "" => Some(Figure { value, unit }),
        "%" => Some(Figure { value, unit: '%' }),
        grown => match lists.scale(grown) {
            Some(factor) => Some(Figure { value: value * factor, unit }),
            None => Some(Figure { value, unit: grown.chars().next().unwrap_or('\0') }),
        },
    }
}

fn han_figure(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' | '兩' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// A currency sign.
pub(crate) fn currency(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₪' | '₽' | '₹' | '₺' | '₴' | '₩')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        assert_eq!(figure("$150bn"), Some(Figure { value: 150e9, unit: '$' }));
        assert_eq!(figure("nine"), Some(Figure { value: 9.0, unit: '\0' }));
        assert_eq!(figure("1.5%"), Some(Figure { value: 1.5, unit: '%' }));
        assert_eq!(figure("word"), None);
    }
}
