//! The page at `/`: plain ES modules, custom elements and one style sheet, embedded, with no
//! build step. It is a subscriber like any other, over `/v1/wire`.

/// One embedded file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Path it is served under.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

impl Asset {
    /// A strong entity tag (RFC 9110 section 8.8.3): another content has another tag.
    pub fn etag(&self) -> String {
        format!("\"{}\"", &blake3::hash(self.bytes).to_hex()[..20])
    }
}

macro_rules! page {
    ($($path:literal $file:literal $media_type:expr;)*) => {
        &[$(Asset {
            path: $path,
            media_type: $media_type,
            bytes: include_bytes!(concat!("page/", $file)),
        }),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const ASSETS: &[Asset] = page! {
    "/" "index.html" HTML;
    "/alerts.js" "alerts.js" JS;
    "/change.js" "change.js" JS;
    "/clock.js" "clock.js" JS;
    "/column.js" "column.js" JS;
    "/copy.js" "copy.js" JS;
    "/desk.css" "desk.css" CSS;
    "/desk.js" "desk.js" JS;
    "/event.js" "event.js" JS;
    "/help.js" "help.js" JS;
    "/hold.js" "hold.js" JS;
    "/keys.js" "keys.js" JS;
    "/link.js" "link.js" JS;
    "/list.js" "list.js" JS;
    "/main.js" "main.js" JS;
    "/make.js" "make.js" JS;
    "/mark-new.svg" "mark-new.svg" SVG;
    "/mark.svg" "mark.svg" SVG;
    "/marks.js" "marks.js" JS;
    "/menu.js" "menu.js" JS;
    "/order.js" "order.js" JS;
    "/paint.js" "paint.js" JS;
    "/row.css" "row.css" CSS;
    "/row.js" "row.js" JS;
    "/search.js" "search.js" JS;
    "/sheet.css" "sheet.css" CSS;
    "/sheet.js" "sheet.js" JS;
    "/sources.js" "sources.js" JS;
    "/story.js" "story.js" JS;
    "/subscription.js" "subscription.js" JS;
    "/toast.js" "toast.js" JS;
    "/wall.js" "wall.js" JS;
    "/words.js" "words.js" JS;
};

/// The file served under `path`.
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> &'static str {
        std::str::from_utf8(asset(path).unwrap().bytes).unwrap()
    }

    #[test]
    fn whatever_the_page_asks_for_is_there() {
        // Addresses are relative, so that the page works below a path of a proxy.
        for attribute in ["href=\"", "src=\""] {
            for word in text("/").split(attribute).skip(1) {
                let word = word.split('"').next().unwrap();
                assert!(!word.starts_with('/'), "{word}");
                let known = word.starts_with("v1/") || asset(&format!("/{word}")).is_some();
                assert!(known, "{word}");
            }
        }
        for module in ASSETS.iter().filter(|asset| asset.media_type == JS) {
            for line in text(module.path).lines().filter(|line| line.starts_with("import ")) {
                let from = line.rsplit('"').nth(1).unwrap().trim_start_matches('.');
                assert!(asset(from).is_some(), "{}: {from}", module.path);
            }
        }
    }

    /// Page text is hostile: it may become text of an element, never markup or code.
    #[test]
    fn nothing_is_ever_read_as_markup() {
        for module in ASSETS.iter().filter(|asset| asset.media_type == JS) {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!text(module.path).contains(word), "{} in {}", word, module.path);
            }
        }
        assert!(!text("/").contains("<script>"));
        assert!(!text("/").contains("style="));
    }

    #[test]
    fn the_page_is_light() {
        let bytes: usize = ASSETS.iter().map(|asset| asset.bytes.len()).sum();
        assert!(bytes <= 150_000, "{bytes} bytes");
    }
}
