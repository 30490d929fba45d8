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
        url.starts_with("https://") || url.starts_with("http://")
    };
    candidates.into_iter().flatten().find(absolute).map(|u| u.trim().to_owned())
}
