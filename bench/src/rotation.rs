//! Rotations of the signing keys under load: how many, how much was asked meanwhile, and how much of it was refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    binary::Binary,
    client::{Connection, register},
    report::Report,
};

const ROTATIONS: u32 = 500;
const AT_ONCE: usize = 16;
/// So many requests with one access token before the next.
const REQUESTS: usize = 10;

/// What clients saw.
#[derive(Default)]
struct Seen {
    over: AtomicBool,
    answered: AtomicU32,
    refused: AtomicU32,
}

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let bulla = Binary::serve("[limits]\naddress = \"off\"\n", &[]).await?;
    let mut clients = vec![];
    for number in 0..AT_ONCE {
        let mut connection = Connection::open(bulla.public).await?;
        let session = register(&mut connection, number).await?;
        clients.push((connection, session));
    }
    let seen = Arc::new(Seen::default());
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|(connection, session)| tokio::spawn(ask(connection, session, Arc::clone(&seen))))
        .collect();
    let started = Instant::now();
    for _ in 0..ROTATIONS {
        bulla.run(&["keys", "rotate", "--now"]).await?;
    }
    let seconds = started.elapsed().as_secs_f64();
    seen.over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    let answered = seen.answered.load(Ordering::Relaxed);
    ensure!(
        answered > ROTATIONS,
        "the load was none: {answered} requests"
    );
    report.value("rotations of the signing keys", "", f64::from(ROTATIONS));
    report.value("requests meanwhile, 16 at once", "", f64::from(answered));
    report.value("of them per second", "per s", f64::from(answered) / seconds);
    let refused = seen.refused.load(Ordering::Relaxed);
    report.value("of them refused", "", f64::from(refused));
    Ok(())
}

/// Uses an access token some times, and gets the next, until it is told.
async fn ask(mut connection: Connection, session: Value, seen: Arc<Seen>) -> Result<()> {
    let mut session = session;
    while !seen.over.load(Ordering::Relaxed) {
        let token = session["access_token"]
            .as_str()
            .context("no access token")?;
        for _ in 0..REQUESTS {
            let status = connection.status_of("/auth/me", token).await?;
            seen.count(status.is_success());
        }
        let body = json!({ "refresh_token": session["refresh_token"] });
        let refreshed = connection.post("/auth/refresh", &body).await;
        seen.count(refreshed.is_ok());
        session = refreshed?;
    }
    Ok(())
}

impl Seen {
    fn count(&self, is_accepted: bool) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.refused
            .fetch_add(u32::from(!is_accepted), Ordering::Relaxed);
    }
}
