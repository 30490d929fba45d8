//! What stands above the text: headline, byline, credit, date, standfirst, pictures.

use crate::item::{LineClass, Remark};

use super::{super::layout::Fields, Draught, run::Run};

/// Reads the fields above the run.
pub(super) fn read(
    _page: &Draught,
    _run: &Run,
    _fields: &mut Fields,
    _classes: &mut [Option<LineClass>],
    _remarks: &mut Vec<Remark>,
) {
}
