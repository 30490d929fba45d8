//! Pages that come compressed.

use std::io::{self, Read};

use crate::page::PageName;

/// How a file is compressed, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    Gzip,
    Zstd,
}

/// Why there is no page in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unpacked {
    /// More than the cap comes out.
    TooLarge,
    /// It is not whole, or not what its name says.
    Broken(String),
}

/// A page is at most 16 MiB; a stream that asks for a larger window is no page.
const WINDOW_LOG: u32 = 24;

impl Packed {
    pub(super) fn of(name: &PageName) -> Option<Self> {
        let lower = name.file().to_ascii_lowercase();
        if lower.ends_with(b".gz") {
            Some(Packed::Gzip)
        } else if lower.ends_with(b".zst") {
            Some(Packed::Zstd)
        } else {
            None
        }
    }

    /// What comes out of `packed`, up to `cap` bytes; no more than that is ever held.
    pub(super) fn inflate(self, packed: &[u8], cap: u64) -> Result<Vec<u8>, Unpacked> {
        let broken = |error: io::Error| Unpacked::Broken(error.to_string());
        match self {
            Packed::Gzip => read(flate2::read::MultiGzDecoder::new(packed), cap),
            Packed::Zstd => {
                let mut stream = zstd::Decoder::with_buffer(packed).map_err(broken)?;
                stream.window_log_max(WINDOW_LOG).map_err(broken)?;
                read(stream, cap)
            }
        }
    }
}

fn read(stream: impl Read, cap: u64) -> Result<Vec<u8>, Unpacked> {
    let mut content = Vec::new();
    stream
        .take(cap + 1)
        .read_to_end(&mut content)
        .map_err(|error| Unpacked::Broken(error.to_string()))?;
    if content.len() as u64 > cap { Err(Unpacked::TooLarge) } else { Ok(content) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        to.write_all(content).unwrap();
        to.finish().unwrap()
    }

    fn zstd_of(content: &[u8]) -> Vec<u8> {
        zstd::encode_all(content, 3).unwrap()
    }

    #[test]
    fn both_kinds_come_out_as_they_went_in() {
        let page = b"Harbour reopens\n".repeat(99);
        assert_eq!(Packed::Gzip.inflate(&gzip(&page), 9_999).unwrap(), page);
        assert_eq!(Packed::Zstd.inflate(&zstd_of(&page), 9_999).unwrap(), page);
        let twice = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(Packed::Gzip.inflate(&twice, 9).unwrap(), b"one two");
    }

    #[test]
    fn a_bomb_is_cut_at_the_cap() {
        let zeros = vec![0; 1 << 20];
        assert_eq!(Packed::Gzip.inflate(&gzip(&zeros), 1000), Err(Unpacked::TooLarge));
        assert_eq!(Packed::Zstd.inflate(&zstd_of(&zeros), 1000), Err(Unpacked::TooLarge));
    }

    #[test]
    fn half_a_stream_is_told() {
        for (kind, whole) in [(Packed::Gzip, gzip(&[7; 5000])), (Packed::Zstd, zstd_of(&[7; 5000]))]
        {
            let half = &whole[..whole.len() / 2];
            assert!(matches!(kind.inflate(half, 9_999), Err(Unpacked::Broken(_))), "{kind:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Packed::Gzip.inflate(&bytes, 1000);
            let _ = Packed::Zstd.inflate(&bytes, 1000);
        }
    }
}
