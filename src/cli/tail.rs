//! `flashwire tail`: follows a wire in a console.

use std::{
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use futures_util::{SinkExt as _, StreamExt as _};
use jiff::{Timestamp, ToSpan as _};
use rustix::event::{PollFd, PollFlags};
use tokio_tungstenite::tungstenite::{
    self, Message,
    client::IntoClientRequest as _,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{
    broadcast::frame::Frame,
    item::{Cursor, Event, Shown},
    outlet::words,
};

use super::{
    Exit, Failure,
    line::{self, Clock, Detail},
    reach::{self, Reach},
    template::Template,
};

/// Arguments of `flashwire tail`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reach: reach::Args,
    /// Begin with the last N events that match.
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<u32>,
    /// Begin with what was told since then: RFC 3339, or -15m, -2h, -1d.
    #[arg(long, value_name = "TIME", conflicts_with = "last", allow_hyphen_values = true)]
    since: Option<String>,
    /// End with the first event told after then: RFC 3339, or -15m, -2h, -1d.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only ticker lines or only articles.
    #[arg(long, value_parser = ["ticker", "article"])]
    kind: Option<String>,
    /// Only this source; may be given more than once.
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// Only this language (BCP 47); may be given more than once.
    #[arg(long, value_name = "CODE")]
    lang: Vec<String>,
    /// Only what matches: words, word*, "a phrase", -not, OR, (brackets), field:value.
    #[arg(short = 'q', long, value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
    /// Form of the output; `line` is for people.
    #[arg(short = 'o', long, value_enum, default_value_t = Output::Line)]
    output: Output,
    /// What `-o template` prints of each event: text with {time} {seq} {id} {kind} {action} {source}
    /// {headline} {attribution} {language} {urgency} {version} {page} {line} {url} {thread}, \n and \t.
    #[arg(long, value_name = "TEXT", required_if_eq("output", "template"))]
    template: Option<String>,
    /// End after N events.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// End when nothing has been told for so long: 30s, 5m, 2h.
    #[arg(long, value_name = "TIME")]
    wait: Option<String>,
    /// Go on where this file says, and keep the place in it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["last", "since"])]
    cursor_file: Option<PathBuf>,
    /// End when everything told so far has been printed.
    #[arg(long)]
    no_follow: bool,
    /// Follow, as it does anyway.
    #[arg(short = 'f', long, hide = true)]
    follow: bool,
    /// End with exit code 5 when lines are missing.
    #[arg(long)]
    strict: bool,
    /// Show times in UTC.
    #[arg(long)]
    utc: bool,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// One readable line an event.
    Line,
    /// The event's JSON, one a line.
    Json,
    /// The event's JSON, indented.
    JsonPretty,
    /// Only the headline.
    Cat,
    /// One line an event with all that identifies it, never wrapped.
    Wide,
    /// What --template says.
    Template,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let nodes = Reach::all(&args.reach)?;
    args.since.as_deref().map(moment).transpose()?;
    let until = args.until.as_deref().map(moment).transpose()?;
    let template = args.template.as_deref().map(Template::read).transpose()?;
    let wait = args.wait.as_deref().map(length).transpose()?;
    let mut tail = Tail {
        args,
        until,
        template,
        wait,
        cursor: None,
        caught_up: false,
        first: true,
        printed: 0,
        told: Instant::now(),
        noted: false,
    };
    if let Some(file) = &args.cursor_file {
        tail.cursor = read_cursor(file)?;
    }
    super::runtime()?.block_on(async {
        tokio::select! {
            result = tail.follow(&nodes) => result,
            () = reader_gone() => Ok(()),
            _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Interrupted, "")),
        }
    })
}

/// Comes when whoever reads stdout has gone; for what is no pipe, never.
async fn reader_gone() {
    let (gone, hear) = tokio::sync::oneshot::channel();
    // A thread of its own: it ends with the process.
    std::thread::spawn(move || {
        let stdout = std::io::stdout();
        // Nothing is asked for but what is always told: that the other end is closed.
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        let told = rustix::event::poll(&mut watched, None).is_ok();
        if told && watched[0].revents().contains(PollFlags::ERR) {
            let _ = gone.send(());
        }
    });
    if hear.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A length of time as people give it.
fn length(text: &str) -> Result<Duration, Failure> {
    let split = text.len().saturating_sub(1);
    let count = text.get(..split).and_then(|count| count.parse::<u64>().ok());
    let unit = match text.get(split..) {
        Some("s") => Some(1),
        Some("m") => Some(60),
        Some("h") => Some(3600),
        _ => None,
    };
    count.zip(unit).map(|(count, unit)| Duration::from_secs(count * unit)).ok_or_else(|| {
        let text = Shown::exact(text);
        Failure::new(Exit::Usage, format!("`{text}` is no length of time: use 30s, 5m or 2h"))
    })
}

/// A time as people give it.
fn moment(text: &str) -> Result<Timestamp, Failure> {
    let bad = || {
        Failure::new(
            Exit::Usage,
            format!(
                "`{}` is no time: use RFC 3339 (2026-11-20T15:04:05Z) or -15m, -2h, -1d",
                Shown::exact(text)
            ),
        )
    };
    if let Some(ago) = text.strip_prefix('-') {
        let split = ago.len().saturating_sub(1);
        let amount: i64 = ago.get(..split).and_then(|n| n.parse().ok()).ok_or_else(bad)?;
        let hours = match &ago[split..] {
            "s" => return Ok(Timestamp::now() - amount.seconds()),
            "m" => return Ok(Timestamp::now() - amount.minutes()),
            "h" => amount,
            "d" => amount.saturating_mul(24),
            _ => return Err(bad()),
        };
        return Timestamp::now().checked_sub(hours.hours()).map_err(|_| bad());
    }
    text.parse().map_err(|_| bad())
}

fn read_cursor(file: &Path) -> Result<Option<Cursor>, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => text.trim().parse().map(Some).map_err(|error| {
            Failure::error(format!(
                "the cursor file {}: {error}; delete it to begin with the oldest line",
                Shown::exact(file.display())
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::error(format!(
            "the cursor file {} can't be read: {error}",
            Shown::exact(file.display())
        ))),
    }
}

/// Durable before the next event is printed: what was printed is never printed again.
fn write_cursor(file: &Path, cursor: &Cursor) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut part = file.as_os_str().to_owned();
        part.push(".part");
        let mut out = std::fs::File::create(&part)?;
        writeln!(out, "{cursor}")?;
        out.sync_data()?;
        std::fs::rename(&part, file)
    };
    write().map_err(|error| {
        Failure::error(format!(
            "the cursor file {} can't be written: {error}",
            Shown::exact(file.display())
        ))
    })
}

/// One console that follows a wire over any number of connections.
struct Tail<'a> {
    args: &'a Args,
    until: Option<Timestamp>,
    template: Option<Template>,
    wait: Option<Duration>,
    /// The last line dealt with.
    cursor: Option<Cursor>,
    caught_up: bool,
    first: bool,
    /// Events printed so far, and when the last one was.
    printed: u64,
    told: Instant,
    /// A note of the connection stands in the terminal's last line, to be written over.
    noted: bool,
}

/// How long a note of the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Note {
    /// Until the next one.
    Passing,
    /// It is part of what happened.
    Lasting,
}

/// Why a connection is over.
enum Over {
    /// All that was asked for was printed.
    Done,
    /// It broke, or the daemon stops: try again after this pause.
    Again(Duration, String),
}

impl Tail<'_> {
    /// Follows one of the nodes, and the next one when it goes.
    async fn follow(&mut self, nodes: &[Reach]) -> Result<(), Failure> {
        let mut pause = Duration::from_millis(250);
        let mut failed = 0;
        for reach in nodes.iter().cycle() {
            match self.connect(reach).await? {
                Over::Done => return Ok(()),
                Over::Again(hint, why) => {
                    if std::mem::take(&mut self.caught_up) {
                        (pause, failed) = (Duration::from_millis(250), 0);
                    }
                    failed += 1;
                    // Nobody is waited for while another one has not been asked.
                    if failed < nodes.len() {
                        self.note(&format!("{why}; asking the next node …"), Note::Passing);
                        continue;
                    }
                    failed = 0;
                    if self.first {
                        // The very first connection failing means a wrong address or no daemon.
                        return Err(reach.unreachable(&why));
                    }
                    self.note(&format!("{why}; connecting again …"), Note::Passing);
                    tokio::time::sleep(pause.max(hint)).await;
                    if self.waited_long_enough() {
                        return Ok(());
                    }
                    pause = (pause * 2).min(Duration::from_secs(15));
                }
            }
        }
        Ok(())
    }

    /// Says something about the connection, to a person only; a passing note is written over by
    /// the next one.
    fn note(&mut self, text: &str, note: Note) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
        let text: String =
            Shown::exact(text).to_string().chars().take(width.saturating_sub(4)).collect();
        let end = if note == Note::Passing { "" } else { "\n" };
        let _ = write!(anstream::stderr(), "\r\x1b[2K\x1b[2m↻ {text}\x1b[0m{end}");
        self.noted = note == Note::Passing;
    }

    /// Whether nothing was told for as long as was to be waited.
    fn waited_long_enough(&self) -> bool {
        self.wait.is_some_and(|wait| self.told.elapsed() >= wait)
    }

    fn query(&self) -> String {
        let mut query = reach::Query::default();
        let args = self.args;
        match (&self.cursor, &args.since, args.last) {
            (Some(cursor), _, _) => query.add("cursor", &cursor.to_string()),
            (None, Some(since), _) => query.add("since", since),
            (None, None, Some(last)) => query.add("last", &last.to_string()),
            (None, None, None) if args.cursor_file.is_some() => query.add("cursor", "earliest"),
            (None, None, None) => query.add("last", "10"),
        }
        if let Some(kind) = &args.kind {
            query.add("kind", kind);
        }
        args.source.iter().for_each(|source| query.add("source", source));
        args.lang.iter().for_each(|lang| query.add("lang", lang));
        if let Some(words) = &args.query {
            query.add("q", words);
        }
        if args.output == Output::Cat {
            query.add("body", "none");
        }
        query.finish()
    }

    async fn connect(&mut self, reach: &Reach) -> Result<Over, Failure> {
        let url = reach.websocket(&self.query());
        let mut request = url.into_client_request().map_err(|error| {
            Failure::new(Exit::Usage, format!("{} is no address: {error}", reach.url()))
        })?;
        let headers = request.headers_mut();
        headers.insert(
            "sec-websocket-protocol",
            tungstenite::http::HeaderValue::from_static("flashwire.v1"),
        );
        if let Some(value) = reach.authorization() {
            headers.insert("authorization", value);
        }
        let connected = tokio_tungstenite::connect_async_tls_with_config(
            request,
            None,
            false,
            reach.connector()?,
        );
        let (mut socket, _) = match connected.await {
            Ok(connected) => connected,
            Err(tungstenite::Error::Http(response)) => {
                let status = response.status();
                let body =
                    response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                let why = reach::refusal(status.as_u16(), &body);
                if status.is_server_error() {
                    return Ok(Over::Again(Duration::ZERO, why));
                }
                // What is asked for is wrong, not where.
                let asked = status == tungstenite::http::StatusCode::BAD_REQUEST
                    && !body.contains("\"tls\"");
                let exit = if asked { Exit::Usage } else { Exit::Connect };
                return Err(Failure::new(exit, format!("{}: {why}", reach.url())));
            }
            Err(error) => return Ok(Over::Again(Duration::ZERO, error.to_string())),
        };
        let mut pause = Duration::ZERO;
        loop {
            // The daemon speaks at least every heartbeat; twice that without a word is a dead line.
            let patience = Duration::from_secs(45);
            let left = self.wait.map(|wait| wait.saturating_sub(self.told.elapsed()));
            let patience = left.map_or(patience, |left| left.min(patience));
            let message = match tokio::time::timeout(patience, socket.next()).await {
                Err(_) if self.waited_long_enough() => return Ok(Over::Done),
                Err(_) => return Ok(Over::Again(pause, "the daemon fell silent".into())),
                Ok(None) => return Ok(Over::Again(pause, "the daemon hung up".into())),
                Ok(Some(Err(error))) => return Ok(Over::Again(pause, error.to_string())),
                Ok(Some(Ok(message))) => message,
            };
            match message {
                Message::Text(text) => {
                    if self.frame(text.as_str(), &mut pause)? {
                        let bye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
                        // Everything is printed: how the goodbye goes no longer matters.
                        let _ = socket.close(Some(bye)).await;
                        return Ok(Over::Done);
                    }
                    let _ = socket.flush().await;
                }
                Message::Close(close) => {
                    let (code, reason) = close
                        .map(|close| (u16::from(close.code), close.reason.to_string()))
                        .unwrap_or((1005, String::new()));
                    if code == 4502 {
                        let why = reach::refusal(401, "");
                        return Err(Failure::new(Exit::Connect, format!("{}: {why}", reach.url())));
                    }
                    if (4500..5000).contains(&code) || code == 1008 {
                        return Err(Failure::new(
                            Exit::Connect,
                            format!(
                                "{} closed the line ({code}): {}",
                                reach.url(),
                                Shown::exact(&reason)
                            ),
                        ));
                    }
                    return Ok(Over::Again(pause, format!("the line was closed ({code})")));
                }
                _ => {}
            }
        }
    }

    /// Deals with one frame; true when all that was asked for is printed.
    fn frame(&mut self, text: &str, pause: &mut Duration) -> Result<bool, Failure> {
        let spoken = |error| Failure::error(format!("the daemon sent what can't be read: {error}"));
        if text.starts_with("{\"type\":\"event\"") {
            return self.event(text, serde_json::from_str(text).map_err(spoken)?);
        }
        // Frames this version doesn't know are for others.
        let Ok(frame) = serde_json::from_str::<Frame>(text) else { return Ok(false) };
        match frame {
            Frame::Hello { resumed_from, recovered, reason, .. } => {
                if !recovered {
                    self.missing(reason.as_deref().unwrap_or("what was told between is gone"))?;
                }
                if !self.first {
                    let lost = if recovered { "nothing lost" } else { "lines are missing" };
                    let note = format!("connected again, resumed at {resumed_from}, {lost}");
                    self.note(&note, Note::Lasting);
                }
                self.first = false;
                self.cursor = Some(resumed_from);
            }
            Frame::Gap { from, to, reason } => {
                self.missing(&format!("{from} to {to} can't be had: {reason}"))?;
            }
            Frame::CaughtUp { cursor } => {
                self.caught_up = true;
                self.keep(cursor)?;
                return Ok(self.args.no_follow);
            }
            Frame::Heartbeat { cursor, .. } => self.keep(cursor)?,
            Frame::Goodbye { retry_after_ms, .. } => {
                *pause = Duration::from_millis(retry_after_ms.unwrap_or(0).min(30_000));
            }
            Frame::Error { message, .. } => {
                return Err(Failure::new(Exit::Connect, Shown::exact(message).to_string()));
            }
            Frame::Stats { .. } | Frame::Ack { .. } | Frame::Last { .. } => {}
        }
        Ok(false)
    }

    fn event(&mut self, text: &str, event: Event) -> Result<bool, Failure> {
        if self.until.is_some_and(|until| event.time > until) {
            return Ok(true);
        }
        if std::mem::take(&mut self.noted) {
            let _ = write!(anstream::stderr(), "\r\x1b[2K");
        }
        self.print(text, &event).map_err(Failure::output)?;
        self.printed += 1;
        self.told = Instant::now();
        if let Some(cursor) = self.cursor.clone() {
            self.keep(Cursor { seq: event.seq, ..cursor })?;
        }
        Ok(self.args.count.is_some_and(|count| self.printed >= count))
    }

    fn print(&self, text: &str, event: &Event) -> std::io::Result<()> {
        let mut out = line::stdout();
        let clock = if self.args.utc { Clock::utc() } else { Clock::local() };
        match self.args.output {
            Output::Line => line::write(&mut out, event, &clock, Timestamp::now())?,
            Output::Wide => {
                line::write_wide(&mut out, event, &clock, Timestamp::now(), Detail::All)?;
            }
            Output::Template => {
                let text = self.template.as_ref().map(|template| template.fill(event));
                // What a page says must not steer a terminal; what the template says may.
                write!(out, "{}", text.unwrap_or_default())?;
            }
            Output::Json => line::write_json(text)?,
            Output::JsonPretty => {
                let value: serde_json::Value = serde_json::from_str(text)?;
                line::write_json(&format!("{value:#}"))?;
            }
            // What was taken back has no words, and neither has the event that says so.
            Output::Cat if event.withdrawn_by.is_some() || event.withdraws.is_some() => {}
            Output::Cat => writeln!(out, "{}", words::title(&event.item))?,
        }
        out.flush()
    }

    /// Everything up to `cursor` is dealt with.
    fn keep(&mut self, cursor: Cursor) -> Result<(), Failure> {
        if self.cursor.as_ref() == Some(&cursor) {
            return Ok(());
        }
        if let Some(file) = &self.args.cursor_file {
            write_cursor(file, &cursor)?;
        }
        self.cursor = Some(cursor);
        Ok(())
    }

    /// Lines are missing from the stream.
    fn missing(&self, why: &str) -> Result<(), Failure> {
        let message = format!("lines are missing: {}", Shown::exact(why));
        if self.args.strict {
            return Err(Failure::new(Exit::Gap, message));
        }
        let _ = writeln!(anstream::stderr(), "flashwire: {message}");
        Ok(())
    }
}
