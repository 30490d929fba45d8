//! What is said to systemd, where it has started the daemon.

use std::{
    env, io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            ffi::OsStrExt as _,
            net::{SocketAddr, UnixDatagram},
        },
    },
    sync::Arc,
};

use sd_notify::NotifyState;

use crate::pipeline::Status;

/// Says something; whoever has started the daemon need not be systemd.
pub(super) fn say(states: &[NotifyState<'_>]) {
    if let Err(error) = try_to_say(states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

fn try_to_say(states: &[NotifyState<'_>]) -> io::Result<()> {
    let Some(socket) = env::var_os("NOTIFY_SOCKET") else { return Ok(()) };
    let text: String = states.iter().map(|state| format!("{state}\n")).collect();
    let to = match socket.as_bytes().strip_prefix(b"@") {
        // Where the socket has no file, its name begins so.
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(&socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(text.as_bytes(), &to)?;
    Ok(())
}

/// The settings are about to be read again; [`NotifyState::Ready`] says that they are.
pub(super) fn say_reloading() {
    let since = NotifyState::monotonic_usec_now().into_iter();
    say(&[NotifyState::Reloading].into_iter().chain(since).collect::<Vec<_>>());
}

/// Tells systemd that the daemon's loops turn, as often as it asked for; a daemon whose loops
/// stand still falls silent and is restarted.
pub(super) fn watchdog(status: Arc<Status>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let Some(limit) = sd_notify::watchdog_enabled() else { return };
        let mut beat = tokio::time::interval(limit / 3);
        loop {
            beat.tick().await;
            if status.alive() {
                say(&[NotifyState::Watchdog]);
            }
        }
    })
}

/// The socket that systemd holds open for the daemon, through its restarts, where there is one.
///
/// # Errors
/// Where what was handed over is no such socket.
pub(super) fn held_socket() -> io::Result<Option<std::net::TcpListener>> {
    listenfd::ListenFd::from_env().take_tcp_listener(0)
}
