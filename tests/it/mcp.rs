//! The wire for an assistant, tried with the client that assistants are written with.

use std::{path::Path, process::Command};

use crate::daemon::{Desk, output};

#[test]
fn an_assistant_reads_the_wire() {
    let Some(python) = std::env::var_os("FLASHWIRE_TEST_PYTHON") else {
        eprintln!("SKIPPED: FLASHWIRE_TEST_PYTHON is not set (tests/run.sh sets it)");
        return;
    };
    let desk = Desk::new();
    let daemon = desk.start();
    desk.drop("a.txt", "The Amal Courier\n\nBREAKING\nFerry aground off Skerry light\n");
    desk.wait_for_pages(1);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assistant.py");
    let mut client = Command::new(python);
    client.arg(script).arg(env!("CARGO_BIN_EXE_flashwire")).arg(daemon.url());
    let (code, out, err) = output(&mut client);
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn a_daemon_that_is_not_there_is_said_to_the_assistant() {
    let mut server = crate::daemon::flashwire();
    let (code, _, err) = output(server.args(["mcp", "--url", "ftp://desk.example"]));
    assert!(code == Some(2) && err.contains("http://127.0.0.1:7788"), "{err}");
}
