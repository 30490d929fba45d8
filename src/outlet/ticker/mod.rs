//! The page at `/ticker`: a transparent lower third for broadcast graphics and wall screens. Its
//! parameters stand in the README.

/// One file of the page: its path, media type and content.
pub fn asset(path: &str) -> Option<(&'static str, &'static [u8])> {
    Some(match path {
        "/ticker" => ("text/html; charset=utf-8", include_bytes!("ticker.html")),
        "/ticker.css" => ("text/css; charset=utf-8", include_bytes!("ticker.css")),
        "/ticker.js" => ("text/javascript; charset=utf-8", include_bytes!("ticker.js")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Page text is hostile: it may become text of an element, never markup or code.
    #[test]
    fn nothing_is_ever_read_as_markup() {
        let script = std::str::from_utf8(asset("/ticker.js").unwrap().1).unwrap();
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!script.contains(word), "{word}");
        }
        let page = std::str::from_utf8(asset("/ticker").unwrap().1).unwrap();
        assert!(!page.contains("style=") && !page.contains("<script>"));
    }
}
