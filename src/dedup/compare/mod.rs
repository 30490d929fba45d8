//! Comparing: two lines side by side, what differs between them, and what that means.

pub(crate) mod articles;
pub(crate) mod changes;
mod differences;
mod forms;
mod guide;
mod leftovers;
mod outcome;
mod relations;
mod relatives;
mod replaced;
pub(crate) mod rules;
pub(crate) mod slots;
pub(crate) mod terms;
mod turned;
