//! Subscribes to a flashwire, prints what is told, and resumes where it stopped.
//!
//! ```console
//! cargo run --example subscribe -- ws://127.0.0.1:7788/v1/wire wire.cursor
//! ```
//!
//! The file keeps the cursor, `epoch:seq`. A token is read from `FLASHWIRE_TOKEN`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program prints")]

use std::{error::Error, fs, path::Path, time::Duration};

use flashwire::{
    broadcast::frame::Frame,
    item::{Cursor, Epoch, Event},
};
use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::{
    self, Message,
    client::IntoClientRequest,
    http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_else(|| "ws://127.0.0.1:7788/v1/wire".into());
    let file = args.next().unwrap_or_else(|| "wire.cursor".into());
    let file = Path::new(&file);
    loop {
        let wait = match listen(&url, file).await {
            Ok(wait) => wait,
            // Refused before it began: the same again would be refused again.
            Err(tungstenite::Error::Http(answer)) if answer.status().is_client_error() => {
                let body = answer.body().as_deref().unwrap_or_default();
                return Err(
                    format!("{}: {}", answer.status(), String::from_utf8_lossy(body)).into()
                );
            }
            Err(error) => {
                eprintln!("connection lost: {error}");
                Duration::from_secs(2)
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Reads one connection to its end and says when to come back.
async fn listen(url: &str, file: &Path) -> Result<Duration, tungstenite::Error> {
    let join = if url.contains('?') { '&' } else { '?' };
    let from = fs::read_to_string(file).unwrap_or_else(|_| "earliest".into());
    let mut request = format!("{url}{join}cursor={}", from.trim()).into_client_request()?;
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_PROTOCOL, "flashwire.v1".parse()?);
    if let Ok(token) = std::env::var("FLASHWIRE_TOKEN") {
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
    }
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
    let mut epoch: Option<Epoch> = None;
    let mut wait = Duration::from_millis(500);
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if let Ok(event) = serde_json::from_str::<Event>(&text) {
            println!(
                "{} {} {}",
                event.time,
                event.kind().as_str(),
                event.item.headline().unwrap_or("-")
            );
            if let Some(epoch) = &epoch {
                keep(file, &Cursor { epoch: epoch.clone(), seq: event.seq })?;
            }
            continue;
        }
        // Frames of a kind that is newer than this program are not for it.
        match serde_json::from_str(&text) {
            Ok(Frame::Hello { epoch: now, recovered, reason, .. }) => {
                epoch = Some(now);
                if !recovered {
                    eprintln!("not all can be had: {}", reason.unwrap_or_default());
                }
            }
            Ok(Frame::CaughtUp { cursor } | Frame::Heartbeat { cursor, .. }) => {
                keep(file, &cursor)?
            }
            Ok(Frame::Gap { from, to, reason }) => eprintln!("missing {from} to {to}: {reason}"),
            Ok(Frame::Error { message, .. }) => eprintln!("refused: {message}"),
            Ok(Frame::Goodbye { retry_after_ms: Some(ms), .. }) => wait = Duration::from_millis(ms),
            _ => {}
        }
    }
    Ok(wait)
}

/// Keeps the cursor so that a crash leaves the old one or the new one, never half of one.
fn keep(file: &Path, cursor: &Cursor) -> std::io::Result<()> {
    let fresh = file.with_extension("new");
    fs::write(&fresh, cursor.to_string())?;
    fs::rename(&fresh, file)
}
