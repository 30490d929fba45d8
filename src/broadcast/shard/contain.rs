//! A panic in what is done for one session is that session's end: it is closed with 1011, counted
//! and logged, and nobody else notices.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use futures_util::FutureExt as _;

use crate::broadcast::{
    frame::Close,
    session::{Session, State},
};

use super::Shard;

/// What a panic carries.
pub(super) type Panic = Box<dyn Any + Send>;

/// Does something for one session. After a panic everything but that session is whole: borrows end
/// while the stack unwinds, and what is shared is changed in steps that can't fail between.
pub(super) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    catch_unwind(AssertUnwindSafe(work))
}

impl Shard {
    /// Does something for a session; nothing comes of it where that panics.
    pub(in crate::broadcast) async fn contained<T>(
        &self,
        session: &Rc<Session>,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(done) => Some(done),
            Err(panic) => {
                self.broken(session, panic);
                None
            }
        }
    }

    /// Does something for a session beside its own task.
    pub(in crate::broadcast) fn aside(
        self: &Rc<Self>,
        session: &Rc<Session>,
        work: impl Future<Output = ()> + 'static,
    ) {
        let (shard, session) = (self.clone(), session.clone());
        tokio::task::spawn_local(async move { shard.contained(&session, work).await });
    }

    /// Ends a session whose work panicked, whatever it says of where it sits.
    pub(super) fn broken(&self, session: &Rc<Session>, panic: Panic) {
        let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
        tracing::error!(
            panic = said.as_deref().unwrap_or("of an unknown kind"),
            "a defect ended one subscriber's session; please report it"
        );
        self.metrics.broken.inc();
        session.close(Close::Internal);
        session.state.set(State::Closing);
        session.audience.set(None);
        self.recount();
    }

    /// Makes the audiences what their members say of themselves.
    fn recount(&self) {
        let sessions = self.sessions.borrow();
        self.audiences.borrow_mut().retain(|number, audience| {
            let in_it = |session: &Session| session.audience.get() == Some(number);
            audience.members = sessions.iter().filter(|(_, session)| in_it(session)).count();
            audience.live.retain(|session| in_it(session));
            for (seat, session) in audience.live.iter().enumerate() {
                session.seat.set(seat);
            }
            let stays = number == 0 || audience.members > 0;
            if !stays {
                self.metrics.audiences.dec();
            }
            stays
        });
    }
}
