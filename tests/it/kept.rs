//! What keeps an installation: the doctor, the manual, the unit.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use crate::daemon::{Desk, eventually, example, flashwire, output};

fn doctor(desk: &Desk, rest: &[&str]) -> (Option<i32>, String) {
    let mut command = flashwire();
    command.arg("doctor").arg(desk.folder()).arg("--wire").arg(desk.wire()).args(rest);
    let (code, out, err) = output(&mut command);
    (code, out + &err)
}

#[test]
fn the_doctor_finds_what_is_wrong_and_names_a_cure() {
    let desk = Desk::new();
    let config = desk.beside("desk.toml");
    let with_config = ["--config", config.to_str().unwrap()];
    // A port of its own, so that whatever runs on the usual one is in nobody's way.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("listen = \"{}\"\n", free.local_addr().unwrap());
    fs::write(&config, &listen).unwrap();
    let (code, said) = doctor(&desk, &with_config);
    assert!(code == Some(1) && said.contains("ill   port") && said.contains("--listen"), "{said}");
    drop(free);
    let (code, said) = doctor(&desk, &with_config);
    assert_eq!(code, Some(0), "{said}");
    for what in ["config", "folder", "watches", "wire", "disk", "port", "access"] {
        assert!(said.contains(&format!("well  {what}")), "{what}: {said}");
    }

    fs::write(&config, listen.clone() + "[dedup]\nwindow = 3\n").unwrap();
    let (code, said) = doctor(&desk, &with_config);
    assert!(code == Some(1) && said.contains("ill   config") && said.contains("line 3"), "{said}");
    fs::write(&config, "listen = \"0.0.0.0:0\"\n").unwrap();
    let (code, said) = doctor(&desk, &with_config);
    assert!(
        code == Some(1) && said.contains("ill   access") && said.contains("token --wire"),
        "{said}"
    );

    // Beside a daemon it asks that.
    fs::write(&config, &listen).unwrap();
    desk.drop("a.txt", example("pages/valley-blog.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    let (code, said) = doctor(&desk, &with_config);
    assert!(
        code == Some(0) && said.contains("well  daemon") && said.contains("1 events"),
        "{said}"
    );
    drop(daemon);
    fs::remove_dir_all(desk.folder()).unwrap();
    let (code, said) = doctor(&desk, &with_config);
    assert!(
        code == Some(1) && said.contains("ill   folder") && said.contains("mount its disk"),
        "{said}"
    );
}

/// A user without rights on the folder is told which group has them.
#[test]
fn the_doctor_names_the_group_to_join() {
    let me = rustix::process::geteuid();
    if !me.is_root() {
        return eprintln!("SKIPPED: only root can try it as somebody else");
    }
    let desk = Desk::new();
    fs::set_permissions(desk.beside(""), PermissionsExt::from_mode(0o755)).unwrap();
    fs::set_permissions(desk.folder(), PermissionsExt::from_mode(0o750)).unwrap();
    // The binary may lie where nobody else can enter.
    let binary = desk.beside("flashwire");
    fs::copy(env!("CARGO_BIN_EXE_flashwire"), &binary).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(&binary);
    command.arg("doctor").arg(desk.folder()).stdin(Stdio::null());
    let (code, out, err) = output(&mut command);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("ill   folder") && out.contains("usermod -aG root"), "{out}");
}

#[test]
fn help_comes_in_groups_with_examples_and_exit_codes() {
    let (code, help, _) = output(flashwire().arg("--help"));
    assert_eq!(code, Some(0));
    for word in ["Run:\n", "Look:\n", "Keep:\n", "Examples:", "Exit codes:", "  doctor ", "130"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    let (_, short, _) = output(flashwire().arg("-h"));
    assert!(short.contains("Keep:\n") && !short.contains("Exit codes:"), "{short}");
    let (_, parse, _) = output(flashwire().args(["help", "parse"]));
    assert!(parse.starts_with("Show what a page would tell"), "{parse}");
}

#[test]
fn completions_manual_and_unit_are_written_from_one_definition() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        let (code, said, err) = output(flashwire().args(["completions", shell]));
        assert!(code == Some(0) && said.contains("withdraw"), "{err}");
    }
    let pages = desk.beside("man");
    let (code, _, err) = output(flashwire().arg("man").arg(&pages));
    assert_eq!(code, Some(0), "{err}");
    for page in ["flashwire.1", "flashwire-run.1", "flashwire-token-add.1"] {
        assert!(fs::read_to_string(pages.join(page)).unwrap().contains(".TH"), "{page}");
    }
    let units = desk.beside("units");
    fs::create_dir(&units).unwrap();
    let init = || {
        let mut command = flashwire();
        command.args(["init", "--systemd", "--folder", "/data/news", "--to"]).arg(&units);
        output(&mut command)
    };
    let (code, written, err) = init();
    assert_eq!((code, written.lines().count()), (Some(0), 2), "{err}");
    let unit = fs::read_to_string(units.join("flashwire.service")).unwrap();
    let runs = format!("ExecStart={} run /data/news ", env!("CARGO_BIN_EXE_flashwire"));
    assert!(unit.contains(&runs) && unit.contains("RequiresMountsFor=/data/news"), "{unit}");
    // What somebody has changed is not written over.
    let (code, _, err) = init();
    assert!(code == Some(1) && err.contains("not written over"), "{err}");
}

/// A limit on the size of files (`ulimit -f`, LimitFSIZE) is a full disk.
#[test]
fn a_limit_on_file_size_pauses_the_intake() {
    let desk = Desk::new();
    let mut command = Command::new("bash");
    command
        .args(["-c", "ulimit -f 600; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_flashwire"), "run"])
        .arg(desk.folder())
        .args(["--listen", "127.0.0.1:0", "--wire"])
        .arg(desk.wire())
        .env("FLASHWIRE_LOG_LEVEL", "warn")
        .stdout(Stdio::null());
    let daemon = desk.started(&mut command);
    for n in 0..400 {
        let text: String = (0..40)
            .map(|line| {
                format!("Harbour desk: Ferry {n} of line {line} has left Port Amal for Vellin\n")
            })
            .collect();
        desk.drop(&format!("{n}.txt"), format!("BREAKING\n{text}"));
    }
    eventually("the intake to pause", || {
        let ready: serde_json::Value = serde_json::from_str(&daemon.get("/readyz").1).ok()?;
        let intake = ready["checks"].as_array()?.iter().find(|check| check["name"] == "intake")?;
        (intake["ok"] == false).then_some(())
    });
    assert_eq!(daemon.get("/readyz").0, 200, "readers are served on");
}

#[test]
fn a_pipe_among_the_site_files_is_named_and_not_waited_for() {
    let desk = Desk::new();
    let sites = desk.beside("sites");
    fs::create_dir(&sites).unwrap();
    let pipe = sites.join("a.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (code, _, err) = output(desk.command().env("FLASHWIRE_SITES", &sites));
    assert!(code == Some(3) && err.contains("is no file"), "{err}");
}

#[test]
fn verify_finds_events_and_pages_that_are_not_what_they_were() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    assert!(daemon.stop().success());
    let whole = fs::read(desk.wire()).unwrap();
    for (harm, finding) in [
        ("UPDATE event SET json = '{}' WHERE seq = 3", "event"),
        ("UPDATE event SET json = '{}' WHERE seq = 7", "event"),
        ("UPDATE event SET id = x'00112233445566778899aabbccddeeff' WHERE seq = 2", "another name"),
        (
            "UPDATE event SET thread = x'00112233445566778899aabbccddeeff' WHERE seq = 2",
            "another thread",
        ),
        ("UPDATE page SET outcome = 'eaten'", "unknown outcome `eaten`"),
    ] {
        fs::write(desk.wire(), &whole).unwrap();
        rusqlite::Connection::open(desk.wire()).unwrap().execute_batch(harm).unwrap();
        let (code, said, err) = output(flashwire().args(["verify", "--wire"]).arg(desk.wire()));
        assert_eq!(code, Some(1), "{harm}: {said}{err}");
        assert!(said.contains("WRONG") && said.contains(finding), "{harm}: {said}");
    }
}

/// What would be otherwise under other settings is shown, and nothing is told.
#[test]
fn a_rehearsal_shows_what_would_be_otherwise() {
    let desk = Desk::new();
    let daemon = desk.start();
    let page = |lines: &str| format!("The Amal Courier\n\nBREAKING\n{lines}\n");
    desk.drop(
        "a.txt",
        page("- Harbour desk: Ferry 7 has left Port Amal for Vellin tonight\n- Radio Vellin: The old mill of Ostvale is on fire"),
    );
    desk.wait_for_pages(1);
    desk.drop(
        "b.txt",
        page("- Harbour desk: Ferry 7 has left Port Amal for Vellin tonight\n- Fire service: Two people were saved from the mill of Ostvale"),
    );
    desk.wait_for_pages(2);
    let told = desk.events().len();
    assert_eq!(told, 3);
    let rehearse = |config: &str| {
        let file = desk.beside("new.toml");
        fs::write(&file, config).unwrap();
        let mut command = flashwire();
        command
            .args(["rehearse", "--since", "1h", "--wire"])
            .arg(desk.wire())
            .arg("--config")
            .arg(file);
        let (code, out, err) = output(&mut command);
        assert_eq!(code, Some(0), "{out}{err}");
        out
    };
    let same = rehearse("");
    assert!(
        same.contains("3 events were told, 3 would be")
            && same.contains("nothing would be otherwise"),
        "{same}"
    );
    // A site of which no ticker line is to be told: they vanish.
    let sites = desk.beside("sites");
    fs::create_dir(&sites).unwrap();
    let site = "name = \"The Amal Courier\"\nmastheads = [\"The Amal Courier\"]\nticker = false\n";
    fs::write(sites.join("courier.toml"), site).unwrap();
    let without = rehearse(&format!("sites = {:?}\n", sites.to_str().unwrap()));
    assert!(
        without.contains("would vanish: 3") && without.contains("Harbour desk: Ferry 7"),
        "{without}"
    );
    let (_, _, err) =
        output(flashwire().args(["rehearse", "--since", "soon", "--wire"]).arg(desk.wire()));
    assert!(err.contains("write 12h or 7d"), "{err}");
    assert_eq!(desk.events().len(), told);
    drop(daemon);
}
