//! SIGHUP: settings that can change below a running daemon, and those that wait.

use std::fs::File;

use crate::daemon::{Daemon, Desk, eventually, example, runtime};

/// A page as a site file can name it: the masthead stands on top.
const SITE: &str = "name = \"Amal Courier, city desk\"\nmastheads = [\"The Amal Courier\"]\n";

/// Status of a GET under that host name.
fn under_host(daemon: &Daemon, host: &str) -> u16 {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.get(format!("{}/v1/stats", daemon.url())).header("host", host);
    request.call().map_or(0, |response| response.status().as_u16())
}

#[test]
fn hosts_and_site_files_are_read_again_and_a_broken_config_changes_nothing() {
    let desk = Desk::new();
    let (config, sites) = (desk.beside("desk.toml"), desk.beside("sites"));
    std::fs::create_dir(&sites).unwrap();
    let write = |rest: &str| {
        let text = format!("sites = {:?}\n{rest}", sites.to_str().unwrap());
        std::fs::write(&config, text).unwrap();
    };
    write("");
    let mut command = desk.command();
    let log = desk.beside("log");
    command.arg("--config").arg(&config).stderr(File::create(&log).unwrap());
    let says = |what: &str| std::fs::read_to_string(&log).unwrap().contains(what).then_some(());
    let daemon = desk.started(&mut command);
    assert_eq!(under_host(&daemon, "wire.example"), 421);

    std::fs::write(sites.join("courier.toml"), SITE).unwrap();
    write("[broadcast]\nhosts = [\"Wire.example\"]\n[dedup]\nwindow_hours = 24\n");
    daemon.hang_up();
    eventually("the new host name", || (under_host(&daemon, "wire.example") == 200).then_some(()));
    runtime().block_on(async {
        let mut client = daemon.subscribe("").await;
        desk.drop("courier.txt", example("pages/courier-harbour.txt"));
        assert_eq!(client.events(1).await[0]["source"]["name"], "Amal Courier, city desk");
    });

    write("[broadcast]\nhosts = []\nhots = []\n");
    daemon.hang_up();
    eventually("word that the config is broken", || says("the old ones stay"));
    assert_eq!(under_host(&daemon, "wire.example"), 200);
    assert!(daemon.stop().success());
    says("dedup.window_hours").expect("a key that waits for the next start is named");
    says("did you mean `hosts`?").expect("the unknown key is named");
}
