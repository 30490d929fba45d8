//! Chromium, driven over WebDriver (W3C) with plain HTTP.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PATIENCE: Duration = Duration::from_secs(40);

/// A browser of its own; it ends with this value.
pub(super) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one, or says why there is none.
    pub(super) async fn start(width: u32, height: u32, dark: bool) -> Option<Browser> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(driver) = driver else {
            #[expect(clippy::print_stderr, reason = "a skipped test says so")]
            {
                eprintln!("skipped: chromedriver is not installed (Debian: chromium-driver)");
            }
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Browser { driver, port, session: String::new(), _profile: profile };
        let began = Instant::now();
        while browser.call("GET", "/status", None).await.is_none() {
            assert!(began.elapsed() < PATIENCE, "chromedriver does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut args = vec![
            "--headless".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--hide-scrollbars".into(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", browser._profile.path().display()),
        ];
        if dark {
            args.push("--blink-settings=preferredColorScheme=0".into());
        }
        let mut options = json!({ "args": args });
        if width < 600 {
            let metrics = json!({ "width": width, "height": height, "pixelRatio": 2.0 });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let answer = browser.call("POST", "/session", Some(wanted)).await.expect("a browser");
        let session = answer["sessionId"].as_str();
        browser.session = session.unwrap_or_else(|| panic!("{answer}")).to_owned();
        Some(browser)
    }

    pub(super) async fn open(&self, url: &str) {
        self.ask("url", json!({ "url": url })).await;
    }

    /// Runs a script and returns what it returns.
    pub(super) async fn run(&self, script: &str) -> Value {
        self.ask("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Waits until an expression is true.
    pub(super) async fn until(&self, expression: &str) {
        let began = Instant::now();
        while self.run(&format!("return Boolean({expression})")).await != true {
            if began.elapsed() > PATIENCE {
                self.shot("failed").await;
                panic!("never true: {expression}\n{:?}", self.complaints().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The role that assistive technology is told of.
    pub(super) async fn role(&self, selector: &str) -> Value {
        let found =
            self.ask("element", json!({ "using": "css selector", "value": selector })).await;
        let element = found.as_object().and_then(|found| found.values().next()?.as_str());
        let element = element.expect("an element");
        let path = format!("/session/{}/element/{element}/computedrole", self.session);
        self.call("GET", &path, None).await.expect("a role")
    }

    /// Types into a field, as a person would after emptying it.
    pub(super) async fn fill(&self, selector: &str, text: &str) {
        let script = format!(
            "const field = document.querySelector({}); field.value = {}; field.dispatchEvent(new Event('input', {{ bubbles: true }}))",
            json!(selector),
            json!(text)
        );
        self.run(&script).await;
    }

    /// Presses keys one after the other; `\u{e00c}` is Escape, `\u{e007}` Enter.
    pub(super) async fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        let keyboard = json!({ "type": "key", "id": "keys", "actions": strokes });
        self.ask("actions", json!({ "actions": [keyboard] })).await;
    }

    /// Moves the pointer onto the middle of an element, or away from all.
    pub(super) async fn point_at(&self, selector: Option<&str>) {
        let (x, y) = match selector {
            None => (1, 1),
            Some(selector) => {
                let script = format!(
                    "const box = document.querySelector({}).getBoundingClientRect(); return [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)]",
                    json!(selector)
                );
                let at = self.run(&script).await;
                (at[0].as_i64().unwrap(), at[1].as_i64().unwrap())
            }
        };
        let moves = json!([{ "type": "pointerMove", "duration": 0, "x": x, "y": y }]);
        let parameters = json!({ "pointerType": "mouse" });
        let pointer =
            json!({ "type": "pointer", "id": "mouse", "parameters": parameters, "actions": moves });
        self.ask("actions", json!({ "actions": [pointer] })).await;
    }

    /// Errors and warnings of the page. What the browser itself writes down of a lost connection,
    /// or of a page whose bytes are not kept (404), is none of the page's making.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let log = self.ask("se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        let texts = entries.iter().filter_map(|entry| entry["message"].as_str());
        let lost = |text: &&str| {
            text.contains("ERR_CONNECTION") || text.contains("WebSocket connection to")
        };
        let not_kept = |text: &&str| {
            text.contains("404") && (text.contains("/v1/pages/") || text.contains("/v1/threads/"))
        };
        let ours = texts.filter(|text| !lost(text) && !not_kept(text));
        ours.map(str::to_owned).collect()
    }

    /// Keeps a picture where `FLASHWIRE_SHOTS` says.
    pub(super) async fn shot(&self, name: &str) {
        let Ok(folder) = std::env::var("FLASHWIRE_SHOTS") else { return };
        let path = format!("/session/{}/screenshot", self.session);
        let picture = self.call("GET", &path, None).await.expect("a picture");
        let picture = data_encoding::BASE64.decode(picture.as_str().unwrap().as_bytes()).unwrap();
        std::fs::write(format!("{folder}/{name}.png"), picture).unwrap();
    }

    async fn ask(&self, what: &str, with: Value) -> Value {
        let path = format!("/session/{}/{what}", self.session);
        let answer = self.call("POST", &path, Some(with)).await.expect("an answer");
        assert!(answer.get("error").is_none(), "{what}: {answer}");
        answer
    }

    /// One request; nothing where nobody listens yet.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Option<Value> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(request.as_bytes()).await.ok()?;
        let read = read_answer(&mut socket);
        let json = tokio::time::timeout(PATIENCE, read).await.expect("an answer in time")?;
        let mut answer: Value = serde_json::from_slice(&json).ok()?;
        Some(answer["value"].take())
    }
}

/// The body of an HTTP answer; chromedriver keeps its connections open.
async fn read_answer(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?;
            let whole = end + 4 + length.trim().parse::<usize>().ok()?;
            if bytes.len() >= whole {
                return Some(bytes[end + 4..whole].to_vec());
            }
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its driver only if it is told so first.
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            self.session
        );
        if let Ok(mut socket) = std::net::TcpStream::connect(("127.0.0.1", self.port)) {
            use std::io::{Read, Write};
            let _ = socket.set_read_timeout(Some(Duration::from_secs(5)));
            let _ = socket.write_all(request.as_bytes());
            let _ = socket.read(&mut [0; 1024]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
