//! Any bytes as a text export: what comes out keeps its promises.
#![no_main]

mod page;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| page::check(bytes, flashwire::page::Format::Text));
