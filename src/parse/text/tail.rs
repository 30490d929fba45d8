//! What stands under the text: the page's tags.

use crate::item::LineClass;

use super::{super::layout::Fields, Draught, run::Run};

/// Reads the tags under the run.
pub(super) fn read(
    _page: &Draught,
    _run: &Run,
    _fields: &mut Fields,
    _classes: &mut [Option<LineClass>],
) {
}
