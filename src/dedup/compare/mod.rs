//! Comparing: two lines side by side, what differs between them, and what that means.

pub(crate) mod added;
pub(crate) mod articles;
pub(crate) mod changes;
pub(crate) mod forms;
pub(crate) mod guide;
pub(crate) mod offices;
pub(crate) mod outcome;
pub(crate) mod replaced;
pub(crate) mod rules;
pub(crate) mod slots;
pub(crate) mod terms;
pub(crate) mod turned;
