//! HTML pages: for now their visible text, laid out as a text page is.

use crate::page::Page;

use super::{layout::Layout, sites::Sites, text};

/// Lays out an HTML page.
pub(super) fn lay_out(html: &str, page: &Page, sites: &Sites) -> Layout {
    let document = dom_query::Document::from(html);
    document.select("script, style, noscript, template, svg").remove();
    let rendered = document.formatted_text();
    text::lay_out(&rendered, page, sites).choose(&|_| false)
}
