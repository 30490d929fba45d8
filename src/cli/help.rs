//! The help of the program itself: its commands in groups, examples, and the exit codes.
//!
//! What a command says of itself begins with its group (`Look: …`), unless that is the first one.

use clap::Command;

/// The commands stand in [`groups`].
const TEMPLATE: &str = "{about-with-newline}\n{usage-heading} {usage}\n{after-help}\n";

const FIRST: &str = "Run";

const EXAMPLES: &str = "Examples:
  flashwire run /srv/pages --create
  flashwire tail -q 'harbour OR ferry*' --kind ticker
  flashwire parse page.html
  flashwire explain 3 --wire /srv/pages
  flashwire token --wire /srv/pages add night-desk

Each command has its own help: flashwire help run";

/// How the program ends.
const EXIT_CODES: &str = "Exit codes:
  0    all went well; `run` was stopped by a signal
  1    something failed; the daemon is not well (`status`)
  2    the command line, or a query, can't be understood
  3    the config can't be used
  4    the daemon can't be reached
  5    lines are missing from the stream (`tail --strict`)
  130  Ctrl-C in `tail`";

/// Group and sentence of a command.
fn said(command: &Command) -> (String, String) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    match about.split_once(": ") {
        Some((group, about)) if !group.contains(' ') => {
            let mut letters = about.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string());
            (group.to_owned(), first.unwrap_or_default() + letters.as_str())
        }
        _ => (FIRST.to_owned(), about),
    }
}

/// The commands by what they are for, in the order in which they are defined.
fn groups(command: &Command) -> String {
    let mut groups: Vec<(String, String)> = Vec::new();
    let widest = command.get_subcommands().map(|command| command.get_name().len()).max();
    for command in command.get_subcommands() {
        let (group, about) = said(command);
        let about = about.trim_end_matches('.');
        let line = format!("  {:<1$}  {about}\n", command.get_name(), widest.unwrap_or(0));
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, lines)) => lines.push_str(&line),
            None => groups.push((group, line)),
        }
    }
    groups.iter().map(|(name, lines)| format!("{name}:\n{lines}\n")).collect()
}

/// The program's definition with its help.
pub(super) fn dressed(command: Command) -> Command {
    let help = groups(&command) + EXAMPLES;
    command
        .mut_subcommands(|command| {
            let (_, about) = said(&command);
            command.about(about)
        })
        .help_template(TEMPLATE)
        .after_long_help(format!("{help}\n\n{EXIT_CODES}"))
        .after_help(help)
}
