//! What is logged, and what must never be.

use std::{
    io,
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use bulla_gateway::{AccessLines, AccessLog};
use bulla_guard::access::Access;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Answer, Nobody, TestGateway, TestUpstream, claims, route, token, upstream};

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

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const BAD: &str = "Authorization: Bearer canary\r\n";

/// A gateway whose log is that of the test, and what stands behind it.
struct Logged {
    log: Log,
    server: TestUpstream,
    nobody: Nobody,
    gateways: u8,
}

impl Logged {
    async fn start(&mut self, access_log: AccessLog) -> TestGateway {
        let routes = vec![
            route(
                "/api/{*rest}",
                Access::Authenticated,
                upstream(self.server.address),
            ),
            route(
                "/gone/{*rest}",
                Access::Public,
                upstream(self.nobody.address),
            ),
        ];
        self.gateways += 1;
        let number = self.gateways;
        TestGateway::start_here_with(routes, |settings| {
            settings.access_log = access_log;
            settings.request_id_seed[0] = number;
        })
        .await
    }

    /// The line of the request with this answer.
    #[track_caller]
    fn line(&self, answer: &Answer) -> String {
        let id = answer.header("x-request-id").unwrap();
        let text = self.log.text();
        let mut lines = text
            .lines()
            .filter(|line| line.contains(id) && line.contains("duration_ms="));
        let line = lines.next();
        assert!(
            line.is_some() && lines.next().is_none(),
            "not one line of {id} in\n{text}"
        );
        line.unwrap().to_owned()
    }
}

/// A header with a good token, and others.
fn good() -> String {
    let token = token(&claims());
    format!("Authorization: Bearer {token}\r\nCookie: a=canary\r\n")
}

// One test: the log is the process's.
#[tokio::test]
async fn a_line_has_what_was_asked_for_and_never_the_token_or_the_query() {
    let mut logged = Logged {
        log: Log::keep(),
        server: TestUpstream::start().await,
        nobody: Nobody::bind(),
        gateways: 0,
    };
    for field in ["nothing", "subject", "address"] {
        has_what_is_known(&mut logged, field).await;
    }
    let text = logged.log.text();
    assert!(
        !text.contains("canary") && !text.contains(&token(&claims())),
        "{text}"
    );
    has_the_path(&mut logged).await;
    is_there_by_choice(&mut logged).await;
    assert!(!logged.log.text().contains("canary"), "{text}");
}

async fn has_what_is_known(logged: &mut Logged, field: &str) {
    let gateway = logged
        .start(AccessLog {
            lines: AccessLines::All,
            subject: field == "subject",
            address: field == "address",
            path: false,
        })
        .await;
    let good = good();
    let traced = format!("{good}traceparent: 00-{TRACE}-b7ad6b7169203331-01\r\n");
    let ok = r#"route="/api/{*rest}" status=200 verdict="accepted""#;
    let refused = r#"route="/api/{*rest}" status=401 verdict="token_malformed""#;
    let failed = r#"route="/gone/{*rest}" status=502 verdict="upstream_unavailable""#;
    let nowhere = r#"route="" status=400 verdict="request_malformed""#;
    for (path, headers, seen) in [
        ("/api/canary?q=canary", good.as_str(), ok),
        ("/api/canary?q=canary", &traced, ok),
        ("/api/canary?q=canary", BAD, refused),
        ("/gone/canary?q=canary", &good, failed),
        ("/canary%2f?q=canary", "", nowhere),
    ] {
        let line = logged.line(&gateway.get(path, headers).await);
        let trace = format!("trace_id=\"{TRACE}\"");
        for (part, is_there) in [
            (&*format!("method=\"GET\" {seen}"), true),
            (&trace, headers == traced),
            (" WARN ", seen == failed),
            ("subject=", field == "subject" && headers.starts_with(&good)),
            ("address=\"127.0.0.1\"", field == "address"),
            (
                "upstream=\"test\" upstream_ms=",
                [ok, failed].contains(&seen),
            ),
        ] {
            assert_eq!(line.contains(part), is_there, "{part} in {line}");
        }
    }
}

async fn has_the_path(logged: &mut Logged) {
    let all = AccessLog {
        lines: AccessLines::All,
        path: true,
        ..AccessLog::default()
    };
    let gateway = logged.start(all).await;
    let long = format!("/api/{}", "a".repeat(2000));
    for (path, expected) in [
        (
            "/api/a/../b%1b%0a?q=canary",
            r#"path="/api/b%1B%0A" status"#,
        ),
        (&long, &format!("path=\"{}\"", &long[..1024])),
        ("/api/canary%2f", r#"route="" status=400"#),
    ] {
        let line = logged.line(&gateway.get(path, BAD).await);
        assert!(line.contains(expected), "{expected} in {line}");
    }
}

async fn is_there_by_choice(logged: &mut Logged) {
    for (lines, accepted, refused) in [
        (AccessLines::Off, false, false),
        (AccessLines::Refused, false, true),
        (AccessLines::All, true, true),
    ] {
        let log = AccessLog {
            lines,
            ..AccessLog::default()
        };
        let gateway = logged.start(log).await;
        for (headers, is_there) in [(&*good(), accepted), (BAD, refused)] {
            let answer = gateway.get("/api/a", headers).await;
            let id = answer.header("x-request-id").unwrap();
            assert_eq!(
                logged.log.text().contains(id),
                is_there,
                "{lines:?} {headers}"
            );
        }
    }
}
