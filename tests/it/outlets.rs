//! What leaves the wire otherwise than by a subscription, as those get it whom it is for.

mod feeds;
mod folders;
mod readers;
mod receiver;
mod webhooks;

use std::{
    collections::HashMap,
    io::Write as _,
    process::{Command, Stdio},
    sync::{LazyLock, Mutex},
};

use serde_json::Value;

/// What is wrong with a frame, as the published schema says.
pub(crate) fn against_schema(frame: &Value) -> Vec<String> {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(flashwire::broadcast::schema()).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    });
    SCHEMA.iter_errors(frame).map(|error| error.to_string()).collect()
}

/// Holds what a subscriber got against the published schema: every frame of a shape, by the names
/// of its fields, until a hundred of that shape were good.
pub(crate) fn check_schema(frame: &Value) {
    static GOOD: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);
    let names = |it: &Value| {
        let names: Vec<_> = it.as_object().into_iter().flat_map(|it| it.keys().cloned()).collect();
        names.join(",")
    };
    let shape = [names(frame), names(&frame["item"])].join(";");
    if GOOD.lock().unwrap().get(&shape) >= Some(&100) {
        return;
    }
    let wrong = against_schema(frame);
    assert!(wrong.is_empty(), "{wrong:?}: {frame}");
    *GOOD.lock().unwrap().entry(shape).or_default() += 1;
}

/// Runs a script in a Python that has `module`, with `input`; what it prints. `None`, said aloud,
/// where there is none: `tests/run.sh` makes one and names it in FLASHWIRE_TEST_PYTHON.
fn python(module: &str, script: &str, input: &[u8]) -> Option<String> {
    let python = std::env::var("FLASHWIRE_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let has = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if !has.is_ok_and(|has| has.status.success()) {
        eprintln!("SKIPPED: {python} has no module {module}; what it reads is not tested");
        return None;
    }
    let mut child = Command::new(&python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{script}");
    Some(String::from_utf8(done.stdout).unwrap())
}
