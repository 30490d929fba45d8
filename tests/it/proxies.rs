//! Behind the proxies people use, each with the file of `config/proxies/`; only its addresses are
//! changed.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::daemon::{Daemon, Desk, eventually, example, flashwire, output, runtime};

/// A proxy that runs. Killed when dropped.
struct Proxy {
    child: Child,
    port: u16,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn installed(program: &str) -> bool {
    let there = std::env::var_os("PATH").is_some_and(|path| {
        let sbin = [PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")];
        std::env::split_paths(&path).chain(sbin).any(|folder| folder.join(program).exists())
    });
    if !there {
        eprintln!("SKIPPED: {program} is missing; flashwire is not tested behind it");
    }
    there
}

/// The file of `config/proxies/`, with other addresses.
fn config(name: &str, swap: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/proxies").join(name);
    swap.iter().fold(fs::read_to_string(path).unwrap(), |text, (from, to)| {
        assert!(text.contains(from), "{name} names {from}");
        text.replace(from, to)
    })
}

fn start(mut command: Command, port: u16) -> Proxy {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    command.env("PATH", path).stdout(Stdio::null());
    let proxy = Proxy { child: command.spawn().unwrap(), port };
    eventually("the proxy to listen", || TcpStream::connect(("127.0.0.1", port)).ok());
    proxy
}

fn nginx(desk: &Desk, port: u16, location: &str) -> Proxy {
    let home = desk.beside("nginx");
    fs::create_dir_all(&home).unwrap();
    let main = format!(
        "daemon off; pid {0}/pid; error_log {0}/error.log; events {{}}\n\
         http {{ access_log off; client_body_temp_path {0}/b; proxy_temp_path {0}/p; \
         fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n{location}\n}}\n",
        home.display()
    );
    let file = home.join("nginx.conf");
    fs::write(&file, main).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&file).arg("-p").arg(&home).stderr(Stdio::null());
    start(command, port)
}

fn behind(desk: &Desk) -> Daemon {
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    let mut command = desk.command();
    command
        .env("FLASHWIRE_BROADCAST_HOSTS", "desk.example")
        .env("FLASHWIRE_BROADCAST_PROXIES", "127.0.0.1");
    let daemon = desk.started(&mut command);
    desk.wait_for_pages(1);
    daemon
}

/// Status and body of a GET through the proxy.
fn get(proxy: &Proxy, path: &str) -> (u16, String) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.get(format!("http://127.0.0.1:{}{path}", proxy.port));
    let mut answer =
        request.header("host", &format!("desk.example:{}", proxy.port)).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

/// The first frame of a WebSocket through the proxy, or the status of its refusal.
async fn first_frame(
    proxy: &Proxy,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Value, u16> {
    use futures_util::StreamExt as _;
    use tokio_tungstenite::tungstenite::Error;
    let url = format!("ws://127.0.0.1:{}{path}", proxy.port);
    let mut request = url.into_client_request().unwrap();
    let host = format!("desk.example:{}", proxy.port);
    request.headers_mut().insert("host", host.parse().unwrap());
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((mut socket, _)) => {
            let frame = socket.next().await.unwrap().unwrap();
            Ok(serde_json::from_str(frame.to_text().unwrap()).unwrap())
        }
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// All that must work under `/wire/`.
fn works(proxy: &Proxy) {
    let (status, page) = get(proxy, "/wire/");
    assert_eq!(status, 200, "{page}");
    assert_eq!(get(proxy, "/wire/readyz").0, 200);
    // What the page loads lies below it, and so does what its scripts ask for.
    let mut scripts = 0;
    let quoted =
        |from: &'static str| page.split(from).skip(1).filter_map(|rest| rest.split('"').next());
    for address in quoted("href=\"").chain(quoted("src=\"")) {
        assert!(!address.starts_with('/') && !address.contains(':'), "{address}");
        if !address.ends_with(".js") {
            continue;
        }
        scripts += 1;
        let (status, body) = get(proxy, &format!("/wire/{address}"));
        assert_eq!(status, 200, "{address}");
        for line in body.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let absolute = ["\"/v1/", "`/v1/"].iter().any(|from| line.contains(from));
            assert!(!absolute, "{address} asks beside the subpath: {line}");
        }
    }
    assert!(scripts > 0, "{page}");
    let origin = format!("http://desk.example:{}", proxy.port);
    runtime().block_on(async {
        let own = [("origin", origin.as_str())];
        let hello = first_frame(proxy, "/wire/v1/wire", &own).await.unwrap();
        assert_eq!(hello["type"], "hello");
        let other = [("origin", "http://elsewhere.example")];
        assert_eq!(first_frame(proxy, "/wire/v1/wire", &other).await, Err(403));
        // A client can't say for whom a proxy asks.
        let forged = [
            ("origin", "http://elsewhere.example"),
            ("x-forwarded-host", "elsewhere.example"),
            ("forwarded", "for=192.0.2.1;host=elsewhere.example"),
        ];
        assert_eq!(first_frame(proxy, "/wire/v1/wire", &forged).await, Err(403));
    });
    // Server-sent events come at once, not when a buffer is full.
    use std::io::{Read as _, Write as _};
    let mut socket = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!(
        "GET /wire/v1/events?last=1 HTTP/1.1\r\nHost: desk.example:{}\r\nAccept: text/event-stream\r\n\r\n",
        proxy.port
    );
    socket.write_all(head.as_bytes()).unwrap();
    let (mut told, mut some, began) = (String::new(), [0; 4096], Instant::now());
    while !told.contains("event: caughtUp") {
        let read = socket.read(&mut some).unwrap();
        assert!(read > 0 && began.elapsed() < Duration::from_secs(30), "{told}");
        told += &String::from_utf8_lossy(&some[..read]);
    }
}

#[test]
fn nginx_with_our_file() {
    if !installed("nginx") {
        return;
    }
    let (desk, port) = (Desk::new(), free_port());
    let daemon = behind(&desk);
    let to = daemon.url().strip_prefix("http://").unwrap();
    let listen = format!("listen 127.0.0.1:{port};");
    let ours = config("nginx.conf", &[("127.0.0.1:7788", to), ("listen 80;", &listen)]);
    let proxy = nginx(&desk, port, &ours);
    works(&proxy);
    // The console, by an address with a path.
    let url = format!("http://127.0.0.1:{port}/wire/");
    let ours = ours.replace("server_name desk.example;", "server_name _;");
    drop(proxy);
    let proxy = nginx(&desk, port, &ours);
    let (code, said, err) =
        output(flashwire().args(["tail", "--no-follow", "-o", "cat", "-n", "3", "--url", &url]));
    assert_eq!((code, said.lines().count()), (Some(0), 3), "{err}");
    let (code, said, err) = output(flashwire().args(["status", "--url", &url]));
    assert_eq!(code, Some(0), "{said}{err}");
    drop(proxy);
}

/// What nginx does by itself: another host name, and nothing said of the client.
#[test]
fn nginx_as_it_comes() {
    if !installed("nginx") {
        return;
    }
    let (desk, port) = (Desk::new(), free_port());
    let daemon = behind(&desk);
    let plain = format!(
        "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {}; proxy_http_version 1.1; \
         proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }} }}",
        daemon.url()
    );
    let proxy = nginx(&desk, port, &plain);
    assert_eq!(get(&proxy, "/").0, 200);
    runtime().block_on(async {
        let page = [("origin", "https://desk.example"), ("sec-fetch-site", "same-origin")];
        assert_eq!(first_frame(&proxy, "/v1/wire", &page).await.unwrap()["type"], "hello");
        let other = [("origin", "https://elsewhere.example"), ("sec-fetch-site", "cross-site")];
        assert_eq!(first_frame(&proxy, "/v1/wire", &other).await, Err(403));
    });
}

#[test]
fn haproxy_with_our_file() {
    if !installed("haproxy") {
        return;
    }
    let (desk, port) = (Desk::new(), free_port());
    let daemon = behind(&desk);
    let to = daemon.url().strip_prefix("http://").unwrap();
    let bind = format!("bind 127.0.0.1:{port}");
    let ours = config("haproxy.cfg", &[("127.0.0.1:7788", to), ("bind :80\n", &(bind + "\n"))]);
    let file = desk.beside("haproxy.cfg");
    fs::write(&file, ours).unwrap();
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(&file).stderr(Stdio::null());
    works(&start(command, port));
}

#[test]
fn caddy_with_our_file() {
    if !installed("caddy") {
        return;
    }
    let (desk, port) = (Desk::new(), free_port());
    let daemon = behind(&desk);
    let to = daemon.url().strip_prefix("http://").unwrap();
    let site = format!("http://desk.example:{port}");
    let ours = config("Caddyfile", &[("127.0.0.1:7788", to), ("http://desk.example:80", &site)]);
    let file = desk.beside("Caddyfile");
    fs::write(&file, format!("{{\n\tadmin off\n}}\n{ours}")).unwrap();
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
    command.env("HOME", desk.beside("caddy")).stderr(Stdio::null());
    works(&start(command, port));
}
