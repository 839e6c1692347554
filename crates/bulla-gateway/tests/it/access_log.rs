//! What is logged, and what must never be.

use std::{
    io,
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use bulla_guard::access::Access;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Nobody, TestGateway, TestUpstream, claims, route, token, upstream};

/// All log lines of one thread, at every level: tests run beside each other.
#[derive(Clone)]
struct Log {
    thread: ThreadId,
    lines: Arc<Mutex<Vec<u8>>>,
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if thread::current().id() == self.thread {
            self.lines.lock().unwrap().extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'log> MakeWriter<'log> for Log {
    type Writer = Self;

    fn make_writer(&'log self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Keeps what this thread logs from now on. Only one test of the process may do so.
    fn keep() -> Self {
        let log = Self {
            thread: thread::current().id(),
            lines: Arc::default(),
        };
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let subscriber = subscriber
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        // For the whole process: one of a thread's own would miss what another thread came by first.
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn a_line_a_request_without_token_path_or_query() {
    let log = Log::keep();
    let (server, nobody) = (TestUpstream::start().await, Nobody::bind());
    let gateway = TestGateway::start_here(vec![
        route(
            "/api/{*rest}",
            Access::Authenticated,
            upstream(server.address),
        ),
        route("/gone/{*rest}", Access::Public, upstream(nobody.address)),
    ])
    .await;
    let token = token(&claims());
    let good = format!("Authorization: Bearer {token}\r\nCookie: a=canary\r\n");
    let bad = "Authorization: Bearer canary\r\n";
    let mut lines = Vec::new();
    for (path, headers, seen) in [
        (
            "/api/canary?q=canary",
            good.as_str(),
            r#"route="/api/{*rest}" status=200 verdict="accepted""#,
        ),
        (
            "/api/canary?q=canary",
            bad,
            r#"route="/api/{*rest}" status=401 verdict="token_malformed""#,
        ),
        (
            "/gone/canary?q=canary",
            &good,
            r#"route="/gone/{*rest}" status=502 verdict="upstream_unavailable""#,
        ),
        (
            "/canary%2f?q=canary",
            "",
            r#"route="" status=400 verdict="request_malformed""#,
        ),
    ] {
        let answer = gateway.get(path, headers).await;
        let id = answer.header("x-request-id").unwrap();
        lines.push(format!("request_id={id} method=GET {seen}"));
    }
    let log = log.text();
    for line in lines {
        assert!(log.contains(&line), "{line} in\n{log}");
    }
    assert!(!log.contains("canary") && !log.contains(&token), "{log}");
}
