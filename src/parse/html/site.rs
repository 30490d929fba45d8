//! Who publishes the page, and where on the web it stands.

use super::{ld::LinkedData, scan::Scan};

/// The publisher's name as readers know it.
pub(super) fn name(scan: &Scan, ld: &LinkedData) -> Option<String> {
    let metas = [
        "og:site_name",
        "application-name",
        "al:ios:app_name",
        "apple-mobile-web-app-title",
        "dc.publisher",
        "publisher",
    ];
    let from_meta = |names: &[&str]| {
        scan.meta_of(names)
            .map(super::ld::clean)
            .filter(|n| (2..60).contains(&n.chars().count()) && !n.starts_with("http"))
    };
    from_meta(&metas[..1])
        .or_else(|| ld.publisher.clone().filter(|n| n.chars().count() < 60))
        .or_else(|| from_meta(&metas[1..]))
}

/// The canonical URL: absolute, http or https.
pub(super) fn url(scan: &Scan, ld: &LinkedData, saved_from: Option<&str>) -> Option<String> {
    let candidates = [
        scan.canonical.as_deref(),
        scan.meta_of(&["og:url", "twitter:url", "parsely-link"]),
        ld.url.as_deref(),
        saved_from,
    ];
    let absolute = |url: &&str| {
        let url = url.trim();
        host(url).is_some()
    };
    candidates.into_iter().flatten().find(absolute).map(|u| u.trim().to_owned())
}

/// The host of a URL, lower case, without `www.`, port and user.
pub(super) fn host(url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .or_else(|| url.strip_prefix("//"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?.split(':').next()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (host.contains('.') && !host.contains(|c: char| c.is_whitespace())).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host("https://WWW.Post.example:8080/a?b").as_deref(), Some("post.example"));
        assert_eq!(host("/relative"), None);
        assert_eq!(host("https://localhost/"), None);
    }
}
