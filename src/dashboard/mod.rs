//! The page at `/`: plain ES modules and style sheets, embedded, with no build step.

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

const HTML: &str = "text/html; charset=utf-8";

const ASSETS: &[Asset] =
    &[Asset { path: "/", media_type: HTML, bytes: include_bytes!("index.html") }];

/// The file served under `path`.
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}
