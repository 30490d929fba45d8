//! Who has read what, by token.

use serde_json::Value;

use crate::{
    crash::page,
    daemon::{Desk, eventually, flashwire, output, runtime},
};

fn token(desk: &Desk, name: &str) -> String {
    let mut command = flashwire();
    command.args(["token", "--wire"]).arg(desk.folder()).args(["add", name]);
    let (code, token, err) = output(&mut command);
    assert_eq!(code, Some(0), "{err}");
    token.trim().to_owned()
}

fn readers(desk: &Desk, event: &str) -> Vec<Value> {
    let mut command = flashwire();
    command.args(["readers", "--json", event, "--wire"]).arg(desk.folder());
    let (code, said, err) = output(&mut command);
    assert_eq!(code, Some(0), "{err}");
    let said: Value = serde_json::from_str(&said).unwrap();
    said["readers"].as_array().unwrap().clone()
}

#[test]
fn who_had_what_was_withdrawn_and_who_knows_of_it_can_be_said() {
    let desk = Desk::new();
    let daemon = desk.start();
    let [night, day, late] = ["night", "day", "late"].map(|name| token(&desk, name));
    let runtime = runtime();
    desk.drop("a.txt", page(0));
    desk.wait_for_pages(1);
    let id = desk.events()[0].id.to_string();
    let of = |name: &str| readers(&desk, &id).into_iter().find(|reader| reader["name"] == name);
    let all = async |token: &str| {
        let mut client = daemon.subscribe_with("?cursor=earliest", Some(token)).await;
        client.events(4).await;
        client
    };
    let at = |name: &str, seq: u64| {
        let stands =
            |reader: Value| reader["cursor"].as_str().unwrap().ends_with(&format!(":{seq}"));
        eventually(name, || of(name).is_some_and(stands).then_some(()))
    };
    // One reads and goes, the other stays.
    drop(runtime.block_on(all(&night)));
    let mut stays = runtime.block_on(all(&day));
    at("night", 4);
    at("day", 4);
    let had = of("day").unwrap();
    assert_eq!((&had["had"], had.get("knowsWithdrawal")), (&Value::Bool(true), None));

    let withdrawn = ["withdraw", &id, "--reason", "Not so"];
    let (code, _, err) = output(flashwire().args(withdrawn).arg("--wire").arg(desk.folder()));
    assert_eq!(code, Some(0), "{err}");
    runtime.block_on(stays.events(1));
    // Who comes only now gets a blank.
    let _late = runtime.block_on(all(&late));
    at("day", 5);
    at("late", 5);
    let said = |name: &str| {
        let reader = of(name).unwrap();
        (reader["had"].clone(), reader.get("knowsWithdrawal").cloned())
    };
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    assert_eq!(said("day"), (yes.clone(), Some(yes.clone())));
    assert_eq!(said("night"), (yes.clone(), Some(no.clone())));
    assert_eq!(said("late"), (no.clone(), None));
    let (_, text, _) = output(flashwire().args(["readers", &id, "--wire"]).arg(desk.folder()));
    assert!(text.contains("has NOT read that it is withdrawn"), "{text}");

    // It is for whoever runs the daemon, not for readers.
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let asked = agent.get(format!("{}/v1/readers", daemon.url()));
    let asked = asked.header("authorization", format!("Bearer {day}")).call().unwrap();
    assert_eq!(asked.status().as_u16(), 401);
    assert!(daemon.stop().success());
    at("night", 4);
}
