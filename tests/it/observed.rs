//! Alert rules and dashboard are made from one list, and ask for metrics that the daemon has.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::daemon::{Desk, eventually, example, runtime};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/observe")
}

fn list() -> toml::Table {
    fs::read_to_string(folder().join("flashwire.toml")).unwrap().parse().unwrap()
}

fn rows<'a>(list: &'a toml::Table, of: &str) -> Vec<&'a toml::Table> {
    list[of].as_array().unwrap().iter().map(|row| row.as_table().unwrap()).collect()
}

fn text<'a>(row: &'a toml::Table, key: &str) -> &'a str {
    row[key].as_str().unwrap()
}

fn alerts(list: &toml::Table) -> String {
    let mut rules = String::from(
        "# Made from flashwire.toml beside it.\ngroups:\n  - name: flashwire\n    rules:\n",
    );
    for row in rows(list, "alert") {
        let quoted = |key: &str| serde_json::to_string(text(row, key)).unwrap();
        rules += &format!(
            "      - alert: {}\n        expr: {}\n        for: {}\n        labels:\n          severity: {}\n        annotations:\n          summary: {}\n",
            text(row, "name"),
            quoted("expr"),
            text(row, "for"),
            text(row, "severity"),
            quoted("means"),
        );
    }
    rules
}

fn dashboard(list: &toml::Table) -> String {
    let panels: Vec<Value> = rows(list, "panel")
        .into_iter()
        .enumerate()
        .map(|(at, row)| {
            json!({
                "id": at + 1,
                "type": "timeseries",
                "title": text(row, "title"),
                "datasource": { "type": "prometheus", "uid": "${source}" },
                "gridPos": { "h": 8, "w": 12, "x": 12 * (at % 2), "y": 8 * (at / 2) },
                "fieldConfig": { "defaults": { "unit": text(row, "unit") }, "overrides": [] },
                "targets": [{ "refId": "A", "expr": text(row, "expr"), "legendFormat": text(row, "legend") }],
            })
        })
        .collect();
    let board = json!({
        "title": "flashwire",
        "uid": "flashwire",
        "schemaVersion": 39,
        "time": { "from": "now-6h", "to": "now" },
        "refresh": "30s",
        "templating": { "list": [{ "name": "source", "type": "datasource", "query": "prometheus" }] },
        "panels": panels,
    });
    format!("{board:#}\n")
}

#[test]
fn rules_and_dashboard_are_what_the_list_makes() {
    let list = list();
    for (name, made) in [("alerts.yml", alerts(&list)), ("dashboard.json", dashboard(&list))] {
        let file = folder().join(name);
        if std::env::var_os("FLASHWIRE_WRITE").is_some() {
            fs::write(&file, &made).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(kept, made, "{name}: FLASHWIRE_WRITE=1 cargo test --test it observed::");
    }
    let checked = Command::new("promtool")
        .args(["check", "rules"])
        .arg(folder().join("alerts.yml"))
        .stdout(Stdio::null())
        .output();
    match checked {
        Ok(checked) => {
            assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr))
        }
        Err(_) => eprintln!("SKIPPED: promtool is missing; the alert rules are not checked by it"),
    }
}

#[test]
fn every_metric_that_is_asked_for_is_there() {
    let desk = Desk::new();
    let daemon = desk.start();
    desk.drop("a.txt", example("pages/valley-blog.txt"));
    desk.wait_for_pages(1);
    let _client = runtime().block_on(daemon.subscribe(""));
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let refused =
        agent.get(format!("{}/v1/stats", daemon.url())).header("host", "elsewhere.example");
    assert_eq!(refused.call().unwrap().status(), 421);
    let list = list();
    let asked: BTreeSet<&str> = rows(&list, "alert")
        .into_iter()
        .chain(rows(&list, "panel"))
        .flat_map(|row| text(row, "expr").split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .filter(|word| word.starts_with("flashwire_"))
        .collect();
    assert!(asked.len() > 10, "{asked:?}");
    eventually("every metric", || {
        let (_, told) = daemon.get("/metrics");
        let there = |name: &&str| told.lines().any(|line| line.starts_with(*name));
        let missing: Vec<_> = asked.iter().filter(|name| !there(name)).collect();
        let checks = ["watch", "intake", "wire", "disk", "files"]
            .iter()
            .all(|check| told.contains(&format!("flashwire_check_ok{{check=\"{check}\"}}")));
        if !missing.is_empty() {
            eprintln!("not yet there: {missing:?}");
        }
        (missing.is_empty() && checks).then_some(())
    });
}
