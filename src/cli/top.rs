//! `flashwire top`: who feeds a wire, who reads it, and how much is told, as it happens.

use std::{
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    Frame, Terminal,
    backend::TestBackend,
    crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers},
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style, Stylize as _},
    text::{Line, Span},
    widgets::{Block, Cell, Paragraph, Row, Sparkline, Table, TableState},
};
use serde_json::Value;

use crate::item::Shown;

use super::{
    Failure,
    reach::{self, Reach},
};

/// Arguments of `flashwire top`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reach: reach::Args,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Print one picture as text and end; so it does where stdout is no terminal.
    #[arg(long)]
    once: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let reach = Reach::new(&args.reach)?;
    let mut top =
        Top { reach, figures: Figures::default(), trouble: None, state: TableState::default() };
    top.look()?;
    if args.once || !std::io::stdout().is_terminal() {
        return top.print().map_err(Failure::output);
    }
    let mut terminal = ratatui::try_init().map_err(Failure::output)?;
    let result = top.show(&mut terminal, Duration::from_secs(args.every));
    ratatui::restore();
    result
}

/// What the daemon says.
#[derive(Default)]
struct Figures {
    stats: Value,
    sources: Value,
}

struct Top {
    reach: Reach,
    figures: Figures,
    /// Why the figures are old, if they are.
    trouble: Option<String>,
    state: TableState,
}

impl Top {
    fn look(&mut self) -> Result<(), Failure> {
        let stats = self.reach.get("/v1/stats")?;
        let sources = self.reach.get("/v1/sources")?;
        self.figures = Figures { stats, sources };
        self.trouble = None;
        Ok(())
    }

    fn show(
        &mut self,
        terminal: &mut ratatui::DefaultTerminal,
        every: Duration,
    ) -> Result<(), Failure> {
        let mut looked = Instant::now();
        loop {
            terminal.draw(|frame| self.draw(frame)).map_err(Failure::output)?;
            let left = every.saturating_sub(looked.elapsed());
            if event::poll(left).map_err(Failure::output)? {
                let Event::Key(key) = event::read().map_err(Failure::output)? else { continue };
                if key.kind != KeyEventKind::Press {
                    continue;
                }
                let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
                match key.code {
                    KeyCode::Char('c') if ctrl => {
                        return Err(Failure::new(super::Exit::Interrupted, ""));
                    }
                    KeyCode::Char('q') | KeyCode::Esc => return Ok(()),
                    KeyCode::Char('j') | KeyCode::Down => self.state.select_next(),
                    KeyCode::Char('k') | KeyCode::Up => self.state.select_previous(),
                    KeyCode::Char('g') | KeyCode::Home => self.state.select_first(),
                    KeyCode::Char('G') | KeyCode::End => self.state.select_last(),
                    _ => {}
                }
                continue;
            }
            looked = Instant::now();
            if let Err(failure) = self.look() {
                self.trouble = Some(failure.message().to_owned());
            }
        }
    }

    /// One picture as text.
    fn print(&mut self) -> std::io::Result<()> {
        let rows = 13 + self.sources().len() as u16;
        let mut terminal =
            Terminal::new(TestBackend::new(100, rows)).map_err(std::io::Error::other)?;
        terminal.draw(|frame| self.draw(frame)).map_err(std::io::Error::other)?;
        let buffer = terminal.backend().buffer();
        let mut out = anstream::stdout();
        for row in buffer.content().chunks(usize::from(buffer.area.width)) {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn sources(&self) -> &[Value] {
        self.figures.sources["sources"].as_array().map_or(&[], Vec::as_slice)
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let [head, rate, sources, foot] = Layout::vertical([
            Constraint::Length(3),
            Constraint::Length(6),
            Constraint::Min(3),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        frame.render_widget(self.head(), head);
        self.draw_rate(frame, rate);
        self.draw_sources(frame, sources);
        let keys = Line::from(" q quit   j k scroll   g G first, last ").dim();
        frame.render_widget(Paragraph::new(keys), foot);
    }

    fn head(&self) -> Paragraph<'_> {
        let stats = &self.figures.stats;
        let number = |value: &Value| value.as_u64().unwrap_or_default().to_string();
        let mut first = vec![
            Span::raw(" flashwire ").bold().on_red().white(),
            Span::raw(format!("  {}  ", self.reach.url())),
        ];
        first.push(match &self.trouble {
            None => Span::raw("live").green().bold(),
            Some(why) => Span::raw(format!("no answer: {}", Shown::exact(why))).red().bold(),
        });
        let second = format!(
            " {} events · {} pages taken, {} waiting, {} ignored · readers: {} WebSocket, {} SSE",
            number(&stats["head"]),
            number(&stats["watch"]["seen"]),
            number(&stats["watch"]["pending"]),
            number(&stats["watch"]["ignored"]),
            number(&stats["subscribers"]["ws"]),
            number(&stats["subscribers"]["sse"]),
        );
        let mut lines = vec![Line::from(first), Line::from(second)];
        let degraded =
            stats["degraded"]["reason"].as_str().map(|why| format!(" intake pauses: {why}"));
        let damaged = stats["damaged"].as_str().map(|why| format!(" the wire is damaged: {why}"));
        if let Some(trouble) = degraded.or(damaged) {
            lines.push(Line::from(Shown::exact(trouble).to_string()).red().bold());
        } else {
            lines.push(self.followers());
        }
        Paragraph::new(lines)
    }

    /// Who takes the wire in its own time, and how far each is behind.
    fn followers(&self) -> Line<'_> {
        let stats = &self.figures.stats;
        let head = stats["head"].as_u64().unwrap_or_default();
        let mut spans = Vec::new();
        for follower in stats["followers"].as_array().into_iter().flatten() {
            let name = Shown::exact(follower["name"].as_str().unwrap_or("-")).to_string();
            let at =
                follower["at"].as_str().and_then(|at| at.rsplit(':').next()?.parse::<u64>().ok());
            let behind = at.map_or(0, |at| head.saturating_sub(at));
            let ill = !follower["degraded"].is_null();
            let text =
                format!("{}{name} {behind} behind", if spans.is_empty() { " " } else { " · " });
            spans.push(if ill { Span::raw(text).red() } else { Span::raw(text).dim() });
        }
        Line::from(spans)
    }

    fn draw_rate(&self, frame: &mut Frame<'_>, area: Rect) {
        let minutes: Vec<u64> = self.figures.sources["minutes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        let (hour, now) =
            (minutes.iter().sum::<u64>(), minutes.last().copied().unwrap_or_default());
        let title = format!(" told: {now} this minute, {hour} in the last hour ");
        let block = Block::bordered().title(title);
        // Each minute is as wide as there is room for.
        let wide = usize::from(area.width.saturating_sub(2)) / minutes.len().max(1);
        let wide = wide.max(1);
        let bars: Vec<u64> =
            minutes.iter().flat_map(|count| std::iter::repeat_n(*count, wide)).collect();
        let most = minutes.iter().copied().max().unwrap_or_default().max(3);
        let chart = Sparkline::default().block(block).data(&bars).max(most).style(Color::Red);
        frame.render_widget(chart, area);
    }

    fn draw_sources(&mut self, frame: &mut Frame<'_>, area: Rect) {
        let now = self.figures.sources["at"].as_str().and_then(|at| at.parse().ok());
        let now: Timestamp = now.unwrap_or_else(Timestamp::now);
        let rows: Vec<_> = self.sources().iter().map(|source| source_row(source, now)).collect();
        let head = ["source", "last page", "pages", "by hour, 24 h", "set aside"];
        let head = Row::new(head).style(Style::new().add_modifier(Modifier::BOLD));
        let widths = [
            Constraint::Min(20),
            Constraint::Length(18),
            Constraint::Length(8),
            Constraint::Length(25),
            Constraint::Length(10),
        ];
        let table = Table::new(rows, widths)
            .header(head)
            .row_highlight_style(Style::new().reversed())
            .block(Block::bordered().title(" sources of the last 24 hours "));
        frame.render_stateful_widget(table, area, &mut self.state);
    }
}

/// A source that gave nothing for so many times its rhythm, and at least so long, is silent.
const SILENT: i32 = 4;
const SILENT_LEAST: SignedDuration = SignedDuration::from_mins(10);

fn source_row(source: &Value, now: Timestamp) -> Row<'static> {
    let name = Shown::prose(source["name"].as_str().unwrap_or("(no source)")).to_string();
    let last: Option<Timestamp> = source["lastPage"].as_str().and_then(|at| at.parse().ok());
    let age = last.map(|last| now.duration_since(last)).unwrap_or_default();
    let rhythm = source["rhythmSeconds"].as_i64().map(SignedDuration::from_secs);
    let silent = rhythm.is_some_and(|rhythm| age > (rhythm * SILENT).max(SILENT_LEAST));
    let hours: Vec<u64> =
        source["hours"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let most = hours.iter().copied().max().unwrap_or_default().max(1);
    let bar = |count: &u64| match *count {
        0 => '·',
        count => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][(count * 7 / most) as usize],
    };
    let rejected = source["rejected"].as_u64().unwrap_or_default();
    let aside = if rejected == 0 { String::new() } else { rejected.to_string() };
    let row = Row::new([
        Cell::from(name),
        Cell::from(format!("{}{}", since(age), if silent { " silent" } else { "" })),
        Cell::from(source["pages"].as_u64().unwrap_or_default().to_string()),
        Cell::from(hours.iter().map(bar).collect::<String>()),
        Cell::from(aside).style(Color::Yellow),
    ]);
    if silent { row.style(Style::new().fg(Color::Yellow)) } else { row }
}

/// How long ago, in the unit that says enough.
fn since(age: SignedDuration) -> String {
    match age.as_secs() {
        seconds @ ..120 => format!("{} s ago", seconds.max(0)),
        seconds @ ..7200 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
    }
}
