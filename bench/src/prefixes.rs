//! What judging addresses costs: a request, memory, and everybody else while one of them floods.

use std::{
    hint::black_box,
    net::{IpAddr, SocketAddr},
    process::{Child, Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use bulla_guard::abuse::{AbuseLedger, Offence, Spared};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    binary::Binary,
    client::{Connection, register},
    gateway::Nginx,
    report::Report,
    wrk::{self, Bearer, Load},
};

const ADDRESSES: u32 = 1_000_000;
const NOW: u64 = 1_700_000_000_000;

/// Prefixes that the server sees.
const SEEN: u32 = 10_000_000;
const CONNECTIONS: u32 = 16;
/// Requests that are under way on one connection.
const AHEAD: u32 = 100;

/// Quiet and beside the flood, in turn.
const ROUNDS: u8 = 3;

pub(crate) async fn measure(report: &Report) -> Result<()> {
    looks(report)?;
    flood(report).await?;
    memory(report).await
}

/// What each request asks, and what each offence costs.
fn looks(report: &Report) -> Result<()> {
    let ledger = AbuseLedger::new(Spared::default());
    let ask = |address: IpAddr| black_box(ledger.standing(address, NOW));
    report.value("an address judged, nobody stands badly", "ns", each(ask));
    for number in 0..1_000_u32 {
        let banned = IpAddr::from((0xc000_0000 | number).to_be_bytes());
        ledger.ban(banned.into(), None, None, NOW)?;
        for _ in 0..400 {
            let offender = IpAddr::from((0xd000_0000 | number).to_be_bytes());
            let _ = ledger.offence(offender, Offence::ForgedToken, NOW);
        }
    }
    report.value("the same beside 2,000 bans", "ns", each(ask));
    let count = |address| black_box(ledger.offence(address, Offence::ForgedToken, NOW));
    report.value("an offence counted", "ns", each(count));
    Ok(())
}

/// Of an act, for one address after the other.
fn each<T>(act: impl Fn(IpAddr) -> T) -> f64 {
    let started = Instant::now();
    for number in 0..ADDRESSES {
        act(IpAddr::from(number.to_be_bytes()));
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(ADDRESSES)
}

/// How long others wait while one address sends forged tokens as fast as it can.
async fn flood(report: &Report) -> Result<()> {
    let upstream = Nginx::upstream()?;
    let bulla = Binary::serve(&configuration(upstream.address, "off"), &[]).await?;
    let session = register(&mut Connection::open(bulla.public).await?, 0).await?;
    let token = session["access_token"].as_str().context("no token")?;
    let bearer = Bearer::One(token.to_owned());
    let load = Load {
        connections: 8,
        headers: &["X-Forwarded-For: 192.0.2.1"],
        ..Load::FULL
    };
    let url = format!("http://{}/api/orders", bulla.public);
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let run = wrk::run(url.clone(), &bearer, load, &[]).await?;
        quiet.push(run.p99_milliseconds);
        let _flooding = Flood::start(&url, token, round)?;
        let run = wrk::run(url.clone(), &bearer, load, &[]).await?;
        beside.push(run.p99_milliseconds);
    }
    let (beside, quiet) = (median(beside), median(quiet));
    report.ratio(
        "p99 beside a flood of forged tokens",
        "ms",
        beside,
        "quiet",
        quiet,
    );
    Ok(())
}

/// An address that floods, until this is dropped.
struct Flood(Child);

impl Flood {
    fn start(url: &str, token: &str, round: u8) -> Result<Self> {
        let forged = token.rsplit_once('.').context("no token")?.0;
        let forged = format!("Authorization: Bearer {forged}.{}", "A".repeat(86));
        let address = format!("X-Forwarded-For: 203.0.113.{round}");
        let mut command = Command::new("wrk");
        command.args(["-t1", "-c32", "-d60s", "-H", &forged, "-H", &address, url]);
        command.stdout(Stdio::null());
        Ok(Self(
            command.spawn().context("wrk is missing: use bench/run")?,
        ))
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What is resident after ten million networks of IPv6 have sent a forged token each.
async fn memory(report: &Report) -> Result<()> {
    let upstream = Nginx::upstream()?;
    let bulla = Binary::serve(&configuration(upstream.address, "1000/s"), &[]).await?;
    let before = bulla.resident_mebibytes()?;
    let mut senders = JoinSet::new();
    for sender in 0..CONNECTIONS {
        senders.spawn(send(bulla.public, sender));
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    let after = bulla.resident_mebibytes()?;
    report.ratio(
        "resident, 10,000,000 prefixes seen",
        "MiB",
        after,
        "idle",
        before,
    );
    Ok(())
}

/// One sender's share of them, so many requests ahead of their answers.
async fn send(address: SocketAddr, sender: u32) -> Result<()> {
    let (mut reader, mut writer) = TcpStream::connect(address).await?.into_split();
    let share = SEEN / CONNECTIONS;
    let first = sender * share;
    let writing = tokio::spawn(async move {
        for batch in (first..first + share).step_by(AHEAD as usize) {
            let requests: String = (batch..batch + AHEAD).map(request).collect();
            writer.write_all(requests.as_bytes()).await?;
        }
        Ok::<_, std::io::Error>(writer)
    });
    // Each answer begins so, and nothing in it repeats that.
    const BEGINNING: &[u8] = b"HTTP/1.1 401";
    let (mut answers, mut rest, mut buffer) = (0, Vec::new(), vec![0; 1 << 16]);
    while answers < share {
        let read = reader.read(&mut buffer).await?;
        ensure!(read > 0, "the connection ended after {answers} answers");
        rest.extend_from_slice(&buffer[..read]);
        let found = rest
            .windows(BEGINNING.len())
            .filter(|window| *window == BEGINNING);
        answers += u32::try_from(found.count())?;
        // What may be the first part of a beginning.
        rest.drain(..rest.len().saturating_sub(BEGINNING.len() - 1));
    }
    drop(writing.await??);
    Ok(())
}

fn request(number: u32) -> String {
    let (high, low) = (number >> 16, number & 0xffff);
    format!(
        "GET /api/orders HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:{high:x}:{low:x}:1::1\r\nAuthorization: Bearer a.b.c\r\n\r\n"
    )
}

fn configuration(upstream: impl std::fmt::Display, address_limit: &str) -> String {
    format!(
        "trusted_proxies = [\"127.0.0.1\"]\n\
         [[upstream]]\nname = \"api\"\nservers = [\"http://{upstream}\"]\n\
         [[route]]\npath = \"/api/{{*rest}}\"\nupstream = \"api\"\n\
         [limits]\naddress = \"{address_limit}\"\n"
    )
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
