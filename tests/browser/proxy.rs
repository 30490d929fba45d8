//! A stretch of network between browser and server that can go deaf without hanging up.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Passes bytes both ways, until it is told to swallow those for the browser.
pub(super) struct Proxy {
    pub(super) at: SocketAddr,
    deaf: Arc<AtomicBool>,
    passed: Arc<AtomicU64>,
}

impl Proxy {
    pub(super) async fn before(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (deaf, passed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (swallow, count) = (deaf.clone(), passed.clone());
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                tokio::spawn(carry(browser, server, swallow.clone(), count.clone()));
            }
        });
        Proxy { at, deaf, passed }
    }

    /// From now on nothing reaches the browser on connections that are open; new ones work.
    pub(super) fn go_deaf(&self) {
        self.deaf.store(true, Ordering::SeqCst);
    }

    /// Connections that are made from now on are sound.
    pub(super) fn hear_again(&self) {
        self.deaf.store(false, Ordering::SeqCst);
    }

    /// Bytes that have reached the browser.
    pub(super) fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }
}

async fn carry(
    browser: TcpStream,
    server: SocketAddr,
    deaf: Arc<AtomicBool>,
    passed: Arc<AtomicU64>,
) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_browser, mut to_browser) = browser.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async move {
        let _ = tokio::io::copy(&mut from_browser, &mut to_server).await;
        let _ = to_server.shutdown().await;
    };
    let down = async move {
        let mut bytes = vec![0; 64 << 10];
        let mut lost = false;
        while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
            // What was deaf once stays so: a connection doesn't come back to life.
            lost |= deaf.load(Ordering::SeqCst);
            if lost {
                continue;
            }
            passed.fetch_add(count as u64, Ordering::SeqCst);
            if to_browser.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
        if lost {
            // The browser is not told that the other side has gone.
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
    };
    tokio::join!(up, down);
}
