//! Stored, then live, then stored again after a lag: one cursor over one log.

use std::{collections::VecDeque, pin::Pin, sync::Arc};

use futures_util::stream;
use tokio_stream::{Stream, StreamExt as _, wrappers::WatchStream};

use crate::item::Seq;

use super::{Entry, ReadError, Store};

/// The endless stream of [`Store::follow`]; it ends when the wire is closed, or after an error.
pub type Follow = Pin<Box<dyn Stream<Item = Result<Arc<Entry>, ReadError>> + Send>>;

/// How many entries one look at the wire takes.
const SLICE: usize = 200;

struct Reader<W: ?Sized> {
    wire: Arc<W>,
    heads: WatchStream<Seq>,
    after: Seq,
    slice: VecDeque<Arc<Entry>>,
    /// The newest withdrawal when the slice was read: after another one it may say what was taken
    /// back, and is read again.
    withdrawn_at: Seq,
    failed: bool,
}

/// Follows any wire: a look at the log whenever the head has moved, and nothing queued between.
pub(super) fn follow<W: Store + ?Sized>(wire: Arc<W>, after: Seq) -> Follow {
    let heads = WatchStream::new(wire.head_changes());
    let (slice, withdrawn_at) = (VecDeque::new(), wire.withdrawn_at());
    let reader = Reader { wire, heads, after, slice, withdrawn_at, failed: false };
    Box::pin(stream::unfold(reader, |mut reader| async move {
        if reader.failed {
            return None;
        }
        loop {
            let withdrawn_at = reader.wire.withdrawn_at();
            if std::mem::replace(&mut reader.withdrawn_at, withdrawn_at) != withdrawn_at {
                reader.slice.clear();
            }
            if let Some(entry) = reader.slice.pop_front() {
                reader.after = entry.seq;
                return Some((Ok(entry), reader));
            }
            match reader.wire.read(reader.after, SLICE).await {
                Ok(slice) if slice.is_empty() => {
                    // The head stream yields the newest head at once, so nothing told between
                    // the read and this wait is missed.
                    loop {
                        match reader.heads.next().await {
                            Some(head) if head > reader.after => break,
                            Some(_) => {}
                            None => return None,
                        }
                    }
                }
                Ok(slice) => reader.slice = slice.into(),
                Err(error) => {
                    reader.failed = true;
                    return Some((Err(error), reader));
                }
            }
        }
    }))
}
