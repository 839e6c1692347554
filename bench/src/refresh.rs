//! Refreshes per second, each one a durable rotation, beside what one fsync after the other would allow.

use std::{
    fs::File,
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use bulla_test::PostgresServer;
use serde_json::{Value, json};

use crate::{
    binary::Binary,
    client::{Connection, register},
    report::Report,
};

const AT_ONCE: usize = 64;
const SPAN: Duration = Duration::from_secs(8);

/// As many as `store.connections` is by default.
const CONNECTIONS: usize = 16;

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let fsyncs = tokio::task::spawn_blocking(fsyncs_per_second).await??;
    let sqlite = rotations_per_second("").await?;
    report.ratio(
        "refreshes, 64 at once, durable",
        "per s",
        sqlite,
        "bare fsyncs of the disk",
        fsyncs,
    );
    let server = PostgresServer::start(&[]);
    let url = server.database();
    let postgres = rotations_per_second(&format!("[store]\nurl = \"{url}\"\n")).await?;
    let raw = bare_updates_per_second(&server, PostgresServer::name(&url));
    let what = "refreshes, 64 at once, PostgreSQL";
    report.ratio(what, "per s", postgres, "bare UPDATEs by pgbench", raw);
    report.ratio(what, "per s", postgres, "those on SQLite", sqlite);
    Ok(())
}

/// By the release binary, with this store.
async fn rotations_per_second(store: &str) -> Result<f64> {
    // With no time to settle, every refresh rotates.
    let configuration = format!("{store}[limits]\naddress = \"off\"\n[session]\nsettle = \"0s\"\n");
    let bulla = Binary::serve(&configuration, &[]).await?;
    let mut clients = vec![];
    for number in 0..AT_ONCE {
        let mut connection = Connection::open(bulla.public).await?;
        let session = register(&mut connection, number).await?;
        clients.push((connection, session));
    }
    let started = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|(connection, session)| {
            tokio::spawn(refresh_until(connection, session, started + SPAN))
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await??;
    }
    Ok(f64::from(total) / started.elapsed().as_secs_f64())
}

/// The statement of a rotation alone, by as many connections as Bulla has, each on a session of its own.
fn bare_updates_per_second(server: &PostgresServer, database: &str) -> f64 {
    server.query(
        database,
        "CREATE TABLE bare (LIKE bulla.sessions INCLUDING ALL); ALTER TABLE bare ADD number serial UNIQUE; \
         INSERT INTO bare SELECT * FROM bulla.sessions",
    );
    server.rate(
        database,
        "UPDATE bare SET newest = newest + 1, handed_out_at = handed_out_at + 1, settled = newest, \
             last_used_at = last_used_at + 1, user_agent = 'bare', address = '127.0.0.1' \
         WHERE number = :client_id + 1 AND newest > 0 AND ended_at IS NULL",
        CONNECTIONS,
        SPAN,
    )
}

async fn refresh_until(mut connection: Connection, session: Value, end: Instant) -> Result<u32> {
    let mut token = session["refresh_token"].clone();
    let mut done = 0;
    while Instant::now() < end {
        let answer = connection
            .post("/auth/refresh", &json!({"refresh_token": token}))
            .await?;
        let next = answer
            .get("refresh_token")
            .context("no refresh token")?
            .clone();
        anyhow::ensure!(next != token, "the refresh did not rotate");
        token = next;
        done += 1;
    }
    Ok(done)
}

fn fsyncs_per_second() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("fsync"))?;
    let started = Instant::now();
    let mut done = 0_u32;
    while started.elapsed() < Duration::from_secs(2) {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        done += 1;
    }
    Ok(f64::from(done) / started.elapsed().as_secs_f64())
}
