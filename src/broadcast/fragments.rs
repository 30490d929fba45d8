//! Counts the frames that a subscriber sends, whatever they hold: pongs nobody asked for and empty
//! fragments cost work, too, and never become a message that could be counted.

/// The longest head of a frame: two bytes, eight of length, four of mask.
const HEAD_MOST: usize = 14;

/// How far reading a stream of WebSocket frames has come.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    head: [u8; HEAD_MOST],
    have: usize,
    /// Bytes of the frame's payload that are still to come.
    payload: u64,
}

impl Fragments {
    /// Takes the next bytes; gives how many frames have begun in them.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> u32 {
        let mut begun = 0;
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let skip = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
                self.payload -= skip as u64;
                bytes = &bytes[skip..];
                continue;
            }
            self.head[self.have] = byte;
            self.have += 1;
            bytes = rest;
            let (long, masked) = (self.head[1] & 0x7f, self.head[1] & 0x80 != 0);
            let length = match long {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            let whole = 2 + length + if masked { 4 } else { 0 };
            if self.have >= 2 && self.have == whole {
                self.payload = match length {
                    0 => u64::from(long),
                    _ => self.head[2..2 + length]
                        .iter()
                        .fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
                };
                self.have = 0;
                begun += 1;
            }
        }
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame with a payload of that many bytes.
    fn frame(payload: usize) -> Vec<u8> {
        let mut bytes = vec![0x01];
        match payload {
            0..126 => bytes.push(0x80 | payload as u8),
            126..65536 => {
                bytes.push(0x80 | 126);
                bytes.extend((payload as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend((payload as u64).to_be_bytes());
            }
        }
        bytes.extend([0xff; 4]);
        bytes.extend(std::iter::repeat_n(0x81, payload));
        bytes
    }

    #[test]
    fn frames_are_counted_however_they_come() {
        let stream: Vec<u8> =
            [0, 1, 0, 125, 126, 70_000, 0, 3].into_iter().flat_map(frame).collect();
        for step in [1, 2, 3, 7, 1000, stream.len()] {
            let mut fragments = Fragments::default();
            let begun: u32 = stream.chunks(step).map(|some| fragments.take(some)).sum();
            assert_eq!(begun, 8, "in steps of {step}");
        }
    }
}
