//! The way to a shard: started on a thread of its own, stopped with a goodbye.

use std::{io, rc::Rc, sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::LocalSet,
};

use crate::{
    broadcast::{access::Gate, config::Config, metrics::Metrics, session::Arrival},
    wire::Store,
};

use super::Shard;

/// What all shards share.
#[derive(Clone)]
pub(in crate::broadcast) struct Shared {
    pub(in crate::broadcast) config: Arc<Config>,
    pub(in crate::broadcast) wire: Arc<dyn Store>,
    pub(in crate::broadcast) gate: Option<Arc<Gate>>,
    pub(in crate::broadcast) metrics: Metrics,
}

/// The way to a shard.
#[derive(Debug)]
pub(in crate::broadcast) struct Door {
    pub(in crate::broadcast) arrivals: mpsc::UnboundedSender<Arrival>,
    stop: Option<oneshot::Sender<Duration>>,
    done: oneshot::Receiver<()>,
}

impl Door {
    /// Starts a shard on a thread of its own; heavy reading runs on the caller's runtime.
    pub(in crate::broadcast) fn open(
        number: usize,
        shared: Shared,
        echo: bool,
    ) -> io::Result<Self> {
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (finished, done) = oneshot::channel();
        let heavy = Handle::current();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name(format!("shard-{number}")).spawn(move || {
            let local = LocalSet::new();
            local.block_on(&runtime, async move {
                let head = shared.wire.head();
                let shard = Rc::new(Shard::new(shared, head, heavy, echo));
                shard.clone().live(arrived, stopped).await;
            });
            // The receiver is gone only where the caller gave up waiting.
            let _ = finished.send(());
        })?;
        Ok(Door { arrivals, stop: Some(stop), done })
    }

    /// Says goodbye to every subscriber and waits until they are gone, for `grace` at most.
    pub(in crate::broadcast) async fn close(mut self, grace: Duration) {
        if let Some(stop) = self.stop.take() {
            // A shard that is gone already has nobody to say goodbye to.
            let _ = stop.send(grace);
        }
        let _ = self.done.await;
    }

    /// Waits for the shard's end, which before [`close`][Door::close] is a defect.
    pub(in crate::broadcast) async fn ended(&mut self) {
        let _ = (&mut self.done).await;
    }
}
