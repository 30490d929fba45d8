//! Reading: text → words, each with what the word lists know of it.

pub(crate) mod figures;
pub(crate) mod frame;
pub(crate) mod letters;
pub(crate) mod line;
pub(crate) mod reader;
pub(crate) mod roles;
pub(crate) mod spelling;
mod stars;
pub(crate) mod stem;
pub(crate) mod wording;
pub(crate) mod words;
