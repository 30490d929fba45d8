//! Who publishes the page, and where on the web it stands.

use super::{
    block::Block,
    dom::{Attr, Dom, Name},
    ld::LinkedData,
    scan::Scan,
};
use crate::parse::letters::squeeze;

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

/// Characters of a site's name at most.
const LONGEST: usize = 48;

/// Links to the site's front page that are looked at.
const MOST_LINKS: usize = 12;

/// What links to the site's front page call it: the text, or the picture's alternative text. Pages
/// without metadata name their site there, in a logo.
pub(super) fn home_names(dom: &Dom) -> Vec<String> {
    let links = (1..dom.nodes.len() as u32).filter(|&x| {
        dom.node(x).name == Name::A && dom.node(x).attr(Attr::Href).is_some_and(is_home)
    });
    let mut names: Vec<String> = Vec::new();
    for link in links.take(MOST_LINKS) {
        let mut name = dom.text(link);
        if name.is_empty() {
            let picture = dom.below(link).find(|&x| dom.node(x).name == Name::Img);
            name = picture.and_then(|x| dom.node(x).attr(Attr::Alt)).unwrap_or_default().to_owned();
        }
        let chars = name.chars().count();
        if (2..=LONGEST).contains(&chars) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether an address is that of a site's front page.
fn is_home(address: &str) -> bool {
    let path = match address.trim().split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address.trim(),
    };
    matches!(path.trim_end_matches(['?', '#']), "/" | "./" | "/index.html" | "/index.php")
}

/// That of the names that the page's copyright line holds.
pub(super) fn owner<'n>(names: &'n [String], blocks: &[Block]) -> Option<&'n str> {
    let mut rights = blocks.iter().rev().filter(|b| {
        b.chars <= 300 && (b.text.contains('©') || b.text.to_lowercase().contains("copyright"))
    });
    rights.find_map(|block| {
        let owner = squeeze(&block.text);
        names.iter().find(|name| owner.contains(&squeeze(name))).map(String::as_str)
    })
}

/// The canonical URL: absolute, http or https; that of the page itself where an archive has put its
/// own before it.
pub(super) fn url(scan: &Scan, ld: &LinkedData, saved_from: Option<&str>) -> Option<String> {
    let candidates = [
        scan.canonical.as_deref(),
        scan.meta_of(&["og:url", "twitter:url", "parsely-link"]),
        ld.url.as_deref(),
        scan.meta_of(&["savepage-url"]),
        scan.saved_from.as_deref(),
        saved_from,
    ];
    let absolute = |url: &&str| {
        let url = url.trim();
        url.starts_with("https://") || url.starts_with("http://")
    };
    candidates.into_iter().flatten().map(unarchived).find(absolute).map(|u| u.trim().to_owned())
}

/// "https://web.archive.org/web/20270115083000/https://harbour.example/a": the address behind the
/// archive's own.
fn unarchived(address: &str) -> &str {
    let Some((_, rest)) = address.split_once("/web/") else { return address };
    let Some((when, page)) = rest.split_once('/') else { return address };
    let digits = when.bytes().take_while(u8::is_ascii_digit).count();
    let stamped = digits >= 4 && when.len() <= digits + 4;
    if stamped && page.starts_with("http") { page } else { address }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archived_addresses() {
        let page = "https://harbour.example/a/web/1";
        for archived in [
            format!("https://web.archive.org/web/20270115083000/{page}"),
            format!("/web/2027im_/{page}"),
            page.to_owned(),
        ] {
            assert_eq!(unarchived(&archived), page);
        }
    }

    #[test]
    fn front_pages() {
        assert!(is_home("/") && is_home("https://harbour.example"));
        assert!(!is_home("/news") && !is_home("https://harbour.example/a") && !is_home("#"));
    }
}
