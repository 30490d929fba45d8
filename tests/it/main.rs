//! Tests of the whole crate through its public interface.

mod html_pages;
