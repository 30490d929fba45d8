//! Remembering: the lines and articles told within the window, found again by their words.

pub(crate) mod articles;
pub(crate) mod gist;
pub(crate) mod lexicon;
pub(crate) mod parted;
pub(crate) mod posting;
pub(crate) mod recent;
pub(crate) mod ring;
pub(crate) mod store;
pub(crate) mod table;
