//! What comes from outside (names, page text, reasons that quote them) steers no terminal and
//! forges no line of a log, whichever command shows it.

use std::{
    ffi::OsStr,
    fs,
    io::Read as _,
    os::unix::{ffi::OsStrExt as _, fs::symlink},
    path::Path,
    process::{Command, Stdio},
};

use crate::daemon::{Desk, eventually, flashwire, output};

/// Sets a terminal's title, clears it, forges a line, steers it by a C1 character, and turns the
/// reading direction of what follows.
const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\n2026-01-01 forged \u{9b}2J\u{202e}\u{2028}";

fn hostile(name: &str) -> String {
    format!("{HOSTILE}{name}")
}

/// What a line shown to people must not hold.
fn steers(text: &str) -> bool {
    text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// Without the colours that flashwire itself writes; nothing hostile here is a colour.
fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        match after.split_once('m') {
            Some((codes, left)) if codes.chars().all(|c| c.is_ascii_digit() || c == ';') => {
                rest = left;
            }
            _ => {
                plain.push_str("\u{1b}[");
                rest = after;
            }
        }
    }
    plain + rest
}

/// Runs a command on a terminal of its own and gives all it writes there.
fn on_terminal(command: &mut Command) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = OsStr::from_bytes(name.as_bytes());
    let end = || fs::File::options().write(true).read(true).open(slave).unwrap();
    command.env_remove("NO_COLOR").env("TERM", "xterm-256color").stdout(end()).stderr(end());
    let mut child = command.spawn().unwrap();
    // The command's own copies of the ends would keep the terminal open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut written = Vec::new();
    // A terminal that everybody has left says so by an error.
    let _ = fs::File::from(master).read_to_end(&mut written);
    child.wait().unwrap();
    // The terminal itself makes the carriage returns.
    String::from_utf8(written).unwrap().replace("\r\n", "\n")
}

/// A page that tells a ticker line and an article, and whose text is hostile.
fn page() -> String {
    // Few enough for it to be taken for a text page.
    let (turning, steering) = ("\u{202e}", "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}");
    format!(
        "The Amal Courier{turning}\n\nBREAKING\nHarbour desk: Ferry 7 has left Port Amal \
         {steering}for Vellin tonight\n\nScaffolding {turning}falls in Quay Street\n\nBy Orla \
         Venn{turning}\n\nA scaffold six floors high came down in Quay Street on Tuesday \
         {turning}morning, at the hour when most of the street walks to work.\n\nThe fire \
         service of Port Amal said that nine people were hurt and that nobody was looked for \
         any more.\n\nThe builder did not answer calls. Its last site in the harbour had been \
         shut in the spring.\n"
    )
}

/// Drops what makes each stage speak of a name.
fn drop_all(desk: &Desk) -> u64 {
    let folder = desk.folder();
    desk.drop(&hostile("good.txt"), page());
    desk.drop(&hostile("empty.txt"), "");
    desk.drop(&hostile("binary.txt"), [0u8, 159, 146, 150].repeat(40));
    desk.drop(&hostile("broken.txt.gz"), "no gzip");
    fs::write(folder.join(hostile("side.html.meta.json")), hostile("{\"\u{9b}")).unwrap();
    desk.drop(&hostile("side.html"), "<html><body>Port Amal</body></html>");
    symlink("/etc/hostname", folder.join(hostile("link.txt"))).unwrap();
    desk.drop(&format!("{}/in.txt", hostile("folder")), "Port Amal\n");
    let deep = format!("{}/too/deep", hostile("folder"));
    fs::create_dir_all(folder.join(&deep)).unwrap();
    7
}

fn check_lines(what: &str, text: &str) {
    assert!(!text.is_empty(), "{what} says nothing");
    for line in text.lines() {
        assert!(!steers(line), "{what}: {line:?}");
        assert!(!line.starts_with("2026-01-01 forged"), "{what} has a forged line");
    }
}

#[test]
fn no_name_steers_or_forges_the_log() {
    for format in ["text", "json"] {
        let desk = Desk::new();
        let log = desk.beside("log");
        let mut command = desk.command();
        command.args(["--log-format", format]).stderr(fs::File::create(&log).unwrap());
        command.env("FLASHWIRE_LOG_LEVEL", "debug").env("FLASHWIRE_WATCH_MAX_DEPTH", "1");
        // What can't be dealt with afterwards is said, too: nothing can be moved there.
        let archive = desk.beside("archive");
        fs::create_dir(&archive).unwrap();
        fs::write(archive.join(hostile("folder")), "no folder").unwrap();
        command.env("FLASHWIRE_PIPELINE_AFTER", "move");
        command.env("FLASHWIRE_PIPELINE_MOVED_TO", &archive);
        let daemon = desk.started(&mut command);
        desk.wait_for_pages(drop_all(&desk));
        let text = eventually("word of every kind of trouble", || {
            let text = fs::read_to_string(&log).unwrap();
            let words = ["page set aside", "sidecar", "too deep", "its file stays", "page taken"];
            words.iter().all(|word| text.contains(word)).then_some(text)
        });
        assert!(daemon.stop().success());
        check_lines(format, &text);
        for line in text.lines().filter(|_| format == "json") {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
}

#[test]
fn no_name_and_no_page_steers_a_terminal() {
    let desk = Desk::new();
    let daemon = desk.start();
    desk.wait_for_pages(drop_all(&desk));
    let id = desk.events()[0].id.to_string();
    let good = desk.folder().join(hostile("good.txt"));
    let empty = desk.folder().join(hostile("empty.txt"));
    let url = daemon.url().to_owned();
    let lines = desk.beside("lines");
    fs::write(&lines, page()).unwrap();
    let tsv = desk.beside("tsv");
    fs::write(&tsv, format!("1\t0\tFerry 7 left {}\n", HOSTILE.replace('\n', " "))).unwrap();
    let with = |args: &[&OsStr], input: Option<&Path>| {
        let mut command = flashwire();
        command.args(args);
        if let Some(input) = input {
            command.stdin(fs::File::open(input).unwrap());
        }
        on_terminal(&mut command)
    };
    let shown = |args: &[&str], input: Option<&Path>| {
        let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        let text = with(&args, input);
        check_lines(&args.join(OsStr::new(" ")).to_string_lossy(), &without_colours(&text));
        text
    };
    let wire = desk.wire();
    let wire = wire.to_str().unwrap();
    let tail = ["tail", "--url", &url, "-n", "100", "--no-follow", "-o"];
    for form in ["line", "json", "json-pretty", "cat"] {
        shown(&[&tail[..], &[form]].concat(), None);
    }
    shown(&["pages", "--wire", wire], None);
    shown(&["pages", "--wire", wire, "--json"], None);
    shown(&["pages", "--wire", wire, "--rejected"], None);
    let whole = shown(&["pages", "--wire", wire, &hostile("good.txt")], None);
    assert!(whole.contains("good.txt"), "{whole}");
    shown(&["pages", "--wire", wire, &hostile("none.txt")], None);
    shown(&["explain", "--wire", wire, &id], None);
    shown(&["verify", "--wire", wire], None);
    shown(&["status", "--url", &url], None);
    shown(&["status", "--url", &url, "--json"], None);
    shown(&["judge"], Some(&lines));
    shown(&["judge", "--explain"], Some(&lines));
    shown(&["judge", "--tsv", "--explain"], Some(&tsv));
    for how in [&["parse"][..], &["parse", "-v"], &["parse", "--json"]] {
        let files = [good.to_str().unwrap(), empty.to_str().unwrap(), "no such\u{9b}2J.txt"];
        shown(&[how, &files].concat(), None);
    }
    let reason = format!("Wrong {HOSTILE}");
    shown(&["withdraw", "--wire", wire, &hostile("good.txt"), "--reason", &reason], None);
    shown(&[&tail[..], &["line"]].concat(), None);
    shown(&["run", &hostile("nowhere")], None);
    shown(&["tail", "--url", &format!("ftp://{HOSTILE}")], None);
}

/// On a terminal JSON is written with escapes: the same values, other bytes.
#[test]
fn json_on_a_terminal_says_the_same_as_in_a_pipe() {
    let desk = Desk::new();
    let daemon = desk.start();
    desk.wait_for_pages(drop_all(&desk));
    let wire = desk.wire();
    let args = ["pages", "--wire", wire.to_str().unwrap(), "--json"];
    let (_, piped, _) = output(flashwire().args(args));
    let shown = on_terminal(flashwire().args(args));
    assert!(piped.contains('\u{9b}'), "a pipe gets the text as it is");
    assert!(!shown.contains('\u{9b}'));
    let values = |text: &str| -> Vec<serde_json::Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!(values(&piped), values(&shown));
    drop(daemon);
}
