//! Folders that get events as files, from the real daemon.

use std::{collections::BTreeMap, path::Path, process::Command, time::Duration};

use serde_json::Value;

use crate::{
    crash::page,
    daemon::{Desk, eventually, example, flashwire, output},
};

/// A daemon's command whose config has these outlets.
fn with_folders(desk: &Desk, folders: &[(&str, &str)]) -> Command {
    let config = desk.beside("desk.toml");
    let rules = folders.iter().map(|(name, form)| {
        format!(
            "[[outlet.folder]]\nname = {name:?}\npath = {:?}\nform = {form:?}\n\
             begin = \"earliest\"\n",
            desk.beside(name)
        )
    });
    std::fs::write(&config, rules.collect::<String>()).unwrap();
    let mut command = desk.command();
    command.arg("--config").arg(config).env("FLASHWIRE_LOG_LEVEL", "error");
    command
}

/// The files that can be seen there, by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let files = entries.map(|entry| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        (name, std::fs::read_to_string(entry.path()).unwrap_or_default())
    });
    files.filter(|(name, _)| !name.starts_with('.')).collect()
}

#[test]
fn nothing_is_lost_or_doubled_through_kill_9_though_files_are_taken_away() {
    const ROUNDS: usize = 8;
    let desk = Desk::new();
    let (inbox, mut taken) = (desk.beside("inbox"), BTreeMap::<String, u32>::new());
    std::fs::create_dir(&inbox).unwrap();
    let mut command = with_folders(&desk, &[("inbox", "ninjs")]);
    let take = |taken: &mut BTreeMap<String, u32>| {
        for (name, text) in files(&inbox) {
            let _: Value = serde_json::from_str(&text).expect("a file is whole once it is seen");
            std::fs::remove_file(inbox.join(&name)).unwrap();
            *taken.entry(name).or_default() += 1;
        }
    };
    for round in 0..ROUNDS {
        let mut child = command.spawn().unwrap();
        for n in 0..25 {
            desk.drop(&format!("{round}-{n}.txt"), page((round * 25 + n) * 10));
        }
        let goal = round * 80;
        eventually("files", || {
            take(&mut taken);
            (taken.len() > goal).then_some(())
        });
        std::thread::sleep(Duration::from_millis(round as u64 * 7));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let daemon = desk.started(&mut command);
    eventually("all files", || {
        take(&mut taken);
        (taken.len() >= ROUNDS * 25 * 4).then_some(())
    });
    assert!(daemon.stop().success());
    take(&mut taken);
    let doubled: Vec<_> = taken.iter().filter(|(_, times)| **times > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    let names: Vec<_> =
        desk.events().iter().map(|it| format!("{:012}-{}.json", it.seq.0, it.id)).collect();
    assert_eq!(taken.into_keys().collect::<Vec<_>>(), names);
    assert_eq!(std::fs::read_dir(&inbox).unwrap().count(), 0, "nothing unseen is left");
}

#[test]
fn a_missing_folder_is_never_made_and_its_outlet_waits_alone() {
    let desk = Desk::new();
    let (missing, there) = (desk.beside("missing"), desk.beside("there"));
    std::fs::create_dir(&there).unwrap();
    let daemon = desk.started(&mut with_folders(&desk, &[("missing", "text"), ("there", "text")]));
    desk.drop("a.txt", page(0));
    eventually("four files", || (files(&there).len() == 4).then_some(()));
    let status = || output(flashwire().arg("status").arg("--wire").arg(desk.folder()));
    let says = |what: &str| status().2.contains(what).then_some(());
    eventually("the reason", || says("folder missing: the folder"));
    assert!(status().2.contains("is its disk mounted?"));
    assert!(!missing.exists());
    std::fs::create_dir(&missing).unwrap();
    eventually("the four files", || (files(&missing) == files(&there)).then_some(()));
    eventually("a good word", || (status().0 == Some(0)).then_some(()));
    assert!(daemon.stop().success());
}

#[test]
fn each_form_is_what_its_standard_says() {
    let desk = Desk::new();
    let forms = [("ninjs", "ninjs"), ("newsml", "newsml"), ("text", "text")];
    for (name, _) in forms {
        std::fs::create_dir(desk.beside(name)).unwrap();
    }
    let daemon = desk.started(&mut with_folders(&desk, &forms));
    for name in ["pages/courier-harbour.txt", "later/courier-update.txt"] {
        desk.drop(&name.replace('/', "-"), example(name));
        desk.wait_for_pages(if name.starts_with("pages") { 1 } else { 2 });
    }
    let events = desk.events();
    let id = events.last().unwrap().id.to_string();
    let withdrawn = output(
        flashwire()
            .args(["withdraw", &id, "--reason", "Not <so>"])
            .arg("--wire")
            .arg(desk.folder()),
    );
    assert_eq!(withdrawn.0, Some(0), "{}", withdrawn.2);
    let all = |name: &str| {
        eventually("all files", || {
            let files = files(&desk.beside(name));
            (files.len() > events.len()).then_some(files)
        })
    };
    let ninjs: Vec<Value> =
        all("ninjs").values().map(|text| serde_json::from_str(text).unwrap()).collect();
    let story = |of: &dyn Fn(&Value) -> bool| {
        ninjs.iter().filter(|item| of(item)).cloned().collect::<Vec<_>>()
    };
    let canceled = story(&|item| item["pubStatus"] == "canceled");
    assert_eq!(canceled.len(), 1);
    assert_eq!(canceled[0]["edNote"], "Not <so>");
    // What is taken back and every version of it are one item by its uri, with rising versions.
    let versions = story(&|item| item["uri"] == canceled[0]["uri"]);
    let numbers: Vec<_> = versions.iter().map(|item| item["version"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["1", "2", "3"]);
    assert!(canceled[0].get("headlines").is_none());
    for text in all("text").values() {
        assert!(text.starts_with("no: "), "{text}");
    }
    let newsml = all("newsml");
    daemon.stop();
    // Keep them where somebody wants to hold them against the published schemas.
    if let Some(to) = std::env::var_os("FLASHWIRE_FILES") {
        for (name, _) in forms {
            for (file, text) in files(&desk.beside(name)) {
                std::fs::write(Path::new(&to).join(file), text).unwrap();
            }
        }
    }
    let script = "import json, sys\n\
        from NewsMLG2.document import NewsMLG2Document\n\
        for text in json.load(sys.stdin):\n\
        \x20   item = NewsMLG2Document(text.encode()).get_item()\n\
        \x20   print(json.dumps([item.guid, str(item.version)]))\n";
    let texts: Vec<_> = newsml.values().collect();
    let Some(said) = super::python("NewsMLG2", script, &serde_json::to_vec(&texts).unwrap()) else {
        return;
    };
    let read: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), ninjs.len());
    for (newsml, ninjs) in read.iter().zip(&ninjs) {
        assert_eq!(newsml[0], ninjs["uri"]);
        assert_eq!(newsml[1], ninjs["version"]);
    }
}
