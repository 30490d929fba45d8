//! The daemon as a service: what it says to systemd, what it is handed, and what its log is spared.

use std::{
    fs,
    io::Read as _,
    net::{TcpListener, TcpStream},
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            fs::symlink,
            net::{SocketAddr, UnixDatagram},
        },
    },
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::daemon::{Desk, example, flashwire, output};

fn page(n: usize) -> String {
    format!("BREAKING\nHarbour desk: Ferry number {n} has left Port Amal for Vellin tonight\n")
}

/// systemd's socket may have no file; a reload is told with the time at which it began.
#[test]
fn systemd_is_told_at_a_socket_without_a_file() {
    let desk = Desk::new();
    let name = format!("flashwire-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let hear = || {
        let mut some = [0; 4096];
        let read = socket.recv(&mut some).unwrap();
        String::from_utf8_lossy(&some[..read]).into_owned()
    };
    let daemon = desk.started(desk.command().env("NOTIFY_SOCKET", format!("@{name}")));
    assert_eq!(hear(), "READY=1\n");
    daemon.hang_up();
    let reload = hear();
    assert!(reload.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reload}");
    assert_eq!(hear(), "READY=1\n");
    assert!(daemon.stop().success());
    assert_eq!(hear(), "STOPPING=1\n");
}

/// A socket that is held for the daemon takes connections while it restarts.
#[test]
fn a_socket_that_is_held_refuses_nobody_through_a_restart() {
    let desk = Desk::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let held = || {
        // The shell hands its descriptor on, under its own process id.
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg("LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\" 3<&0 </dev/null")
            .arg("sh")
            .arg(env!("CARGO_BIN_EXE_flashwire"))
            .arg("run")
            .arg(desk.folder())
            .arg("--wire")
            .arg(desk.wire())
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(socket.try_clone().unwrap())))
            .stdout(Stdio::null());
        desk.started(&mut command)
    };
    let daemon = held();
    assert_eq!(daemon.url(), format!("http://{address}"));
    assert!(daemon.stop().success());
    // Nobody answers now, and nobody is refused.
    let mut waiting = TcpStream::connect(address).unwrap();
    std::io::Write::write_all(
        &mut waiting,
        format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
    )
    .unwrap();
    let _daemon = held();
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn many_warnings_of_a_kind_are_one_line_with_their_count() {
    let desk = Desk::new();
    let log = desk.beside("log");
    let daemon = desk.started(desk.command().stderr(fs::File::create(&log).unwrap()));
    for n in 0..600u32 {
        desk.drop(&format!("{n}.txt"), [&[0, 1, 2, 3][..], &n.to_le_bytes()].concat());
    }
    desk.wait_for_pages(600);
    assert!(daemon.stop().success());
    let said = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("page set aside")).collect();
    // A slow machine may take more than a minute for them.
    assert!((2..=6).contains(&lines.len()), "{lines:#?}");
    let counted: u64 = lines
        .iter()
        .filter_map(|line| {
            line.split(" more like this").next()?.rsplit(' ').next()?.parse::<u64>().ok()
        })
        .sum();
    let whole = lines.iter().filter(|line| !line.contains("more like this")).count() as u64;
    assert_eq!(counted + whole, 600, "{lines:#?}");
}

/// A folder given as a link keeps that name, and is looked up again when the link leads elsewhere.
#[test]
fn a_folder_behind_a_link_goes_where_the_link_goes() {
    let desk = Desk::new();
    let (first, second) = (desk.beside("first"), desk.beside("second"));
    fs::create_dir(&first).unwrap();
    fs::create_dir(&second).unwrap();
    fs::remove_dir(desk.folder()).unwrap();
    symlink(&first, desk.folder()).unwrap();
    let mut command = flashwire();
    command.arg("run").arg(desk.folder()).args(["--listen", "127.0.0.1:0"]);
    command.env("FLASHWIRE_LOG_LEVEL", "warn").stdout(Stdio::null());
    // Its wire lies beside the name it was given, which is where the test looks for it.
    let daemon = desk.started(&mut command);
    desk.drop("a.txt", page(1));
    desk.wait_for_pages(1);
    let lock = fs::read_to_string(flashwire::wire::Lock::path(&desk.wire())).unwrap();
    assert!(lock.contains("/pages\""), "{lock}");
    symlink(&second, desk.beside("new-link")).unwrap();
    fs::rename(desk.beside("new-link"), desk.folder()).unwrap();
    fs::write(second.join("b.txt"), page(2)).unwrap();
    desk.wait_for_pages(2);
    // What comes to the old folder from now on is somebody else's.
    fs::write(first.join("c.txt"), page(3)).unwrap();
    fs::write(second.join("d.txt"), page(4)).unwrap();
    desk.wait_for_pages(3);
    assert!(desk.events().iter().all(|event| event.page.name != "c.txt"));
    assert_eq!(daemon.get("/readyz").0, 200);
}

/// Runs a script in a mount namespace of its own, or says loudly that there is none to be had.
fn with_mounts(script: &str) -> Option<Command> {
    let may = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status();
    if !may.is_ok_and(|ended| ended.success()) {
        eprintln!(
            "SKIPPED: no mount namespace to be had; mounted and read-only disks are not tested"
        );
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-ec", script, "sh"]);
    Some(command)
}

/// A disk that is unmounted is not an empty folder.
#[test]
fn an_unmounted_disk_is_lost_and_not_an_empty_folder() {
    let desk = Desk::new();
    // 1: folder, 2: wire, 3: flashwire
    let Some(mut command) = with_mounts(
        "mount -t tmpfs none \"$1\"; \"$3\" run \"$1\" --wire \"$2\" --listen 127.0.0.1:0 & daemon=$!
         trap 'kill $daemon' EXIT
         until grep -q url \"$2.lock\"; do sleep .1; done
         url=$(sed 's/.*\"url\":\"\\([^\"]*\\)\".*/\\1/' \"$2.lock\")
         ready() { \"$3\" status --url $url --json 2>&1 | tr -d ' \\n'; }
         until ready x y \"$3\" | grep -q '\"ready\":true'; do sleep .1; done
         umount -l \"$1\"
         n=0; until ready x y \"$3\" | grep -q '\"ready\":false'; do n=$((n+1)); test $n -lt 100; sleep .1; done
         ready x y \"$3\" | grep -o 'isgone[^\"]*'
         mount -t tmpfs none \"$1\"
         until ready x y \"$3\" | grep -q '\"ready\":true'; do sleep .1; done",
    ) else {
        return;
    };
    command.arg(desk.folder()).arg(desk.wire()).arg(env!("CARGO_BIN_EXE_flashwire"));
    let (code, out, err) = output(&mut command);
    assert_eq!(code, Some(0), "{out}{err}");
}

/// A wire on a disk that nothing can be written to is read all the same.
#[test]
fn a_wire_on_a_read_only_disk_is_read() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    assert!(daemon.stop().success());
    let disk = desk.beside("disk");
    fs::create_dir(&disk).unwrap();
    // 1: wire, 2: disk, 3: flashwire, 4: backup
    let Some(mut command) = with_mounts(
        "mount -t tmpfs none \"$2\"; cp \"$1\" \"$2/w.db\"; mount -o remount,ro \"$2\"
         \"$3\" verify --wire \"$2/w.db\"; \"$3\" pages --wire \"$2/w.db\"; \"$3\" explain 1 --wire \"$2/w.db\"
         \"$3\" backup \"$4\" --wire \"$2/w.db\"; \"$3\" verify --wire \"$4\"",
    ) else {
        return;
    };
    command.arg(desk.wire()).arg(&disk).arg(env!("CARGO_BIN_EXE_flashwire"));
    let (code, out, err) = output(command.arg(desk.beside("copy.db")));
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(out.matches("all adds up").count(), 2, "{out}");
}

/// The disk of the wire is nearly full: it is said while there is still time.
#[test]
fn a_disk_that_is_nearly_full_is_told_of() {
    let desk = Desk::new();
    let disk = desk.beside("disk");
    fs::create_dir(&disk).unwrap();
    let Some(mut command) = with_mounts(
        "mount -t tmpfs -o size=32m none \"$2\"
         \"$3\" run \"$1\" --wire \"$2/w.db\" --listen 127.0.0.1:0 & daemon=$!
         trap 'kill $daemon' EXIT
         until grep -q url \"$2/w.db.lock\"; do sleep .1; done
         until \"$3\" status --wire \"$2/w.db\" 2>&1 | grep 'disk has .* MiB left'; do sleep .1; done",
    ) else {
        return;
    };
    command.arg(desk.folder()).arg(&disk).arg(env!("CARGO_BIN_EXE_flashwire"));
    let (code, out, err) = output(&mut command);
    assert_eq!(code, Some(0), "{out}{err}");
}

/// As systemd itself judges it: 0 is shut in, 10 is open.
#[test]
fn the_unit_leaves_the_daemon_little() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/flashwire.service");
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold=15"])
        .arg(&unit)
        .output();
    let Ok(judged) = judged else {
        return eprintln!("SKIPPED: systemd-analyze is missing; the unit is not judged");
    };
    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "over 1.5:\n{said}");
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output();
    let said = String::from_utf8_lossy(&verified.unwrap().stderr).into_owned();
    let known = |line: &&str| line.contains("flashwire") && !line.contains("is not executable");
    assert_eq!(said.lines().filter(known).collect::<Vec<_>>(), Vec::<&str>::new());
}
