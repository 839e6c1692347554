//! Many connections that do nothing, or little: what they cost, and what the others notice of them.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{
    binary::Binary,
    report::Report,
    wrk::{self, Bearer, Load},
};

const IDLE: usize = 10_000;
const SLOW: usize = 4_000;
/// Quiet and beside the slow ones, in turn.
const ROUNDS: usize = 3;
/// Between two bytes of a slow head.
const PAUSE: Duration = Duration::from_secs(2);

/// An answer that waits for nobody: the key set.
const PATH: &str = "/.well-known/jwks.json";

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let bulla = Binary::serve("", &[]).await?;
    let before = bulla.resident_mebibytes()?;
    let idle = open(
        bulla.public,
        IDLE,
        &format!("GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n"),
    )
    .await?;
    let with = bulla.resident_mebibytes()?;
    report.value("resident, 10,000 idle connections", "MiB", with);
    let each = (with - before) * 1024.0 / IDLE as f64;
    report.value("of it, for each connection", "KiB", each);
    drop(idle);

    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        quiet.push(p99(&bulla).await?);
        let slow = open(bulla.public, SLOW, "GET / HTTP/1.1\r\nX-Slow: ").await?;
        let trickling = trickle(slow);
        beside.push(p99(&bulla).await?);
        trickling.abort();
    }
    report.ratio(
        "p99 beside 4,000 slow heads",
        "ms",
        median(beside),
        "quiet",
        median(quiet),
    );
    Ok(())
}

/// So many connections that have sent these bytes. If they are a whole request, its answer has been read.
async fn open(address: SocketAddr, count: usize, sent: &str) -> Result<Vec<TcpStream>> {
    let whole = sent.ends_with("\r\n\r\n");
    let mut opening = JoinSet::new();
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        let sent = sent.to_owned();
        opening.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(sent.as_bytes()).await?;
            if whole {
                // The answer is small, and comes in one piece.
                if stream.read(&mut [0; 4096]).await? == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
            }
            Ok::<_, std::io::Error>(stream)
        });
        // A listener's queue is finite.
        while opening.len() >= 64 {
            open.extend(opening.join_next().await.transpose()?.transpose()?);
        }
    }
    while let Some(opened) = opening.join_next().await {
        open.push(opened?.context("a connection was refused")?);
    }
    Ok(open)
}

/// Sends a byte over each, again and again.
fn trickle(mut slow: Vec<TcpStream>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            for stream in &mut slow {
                // One that was cut off is no longer slow.
                let _ = stream.write_all(b"x").await;
            }
            sleep(PAUSE).await;
        }
    })
}

async fn p99(bulla: &Binary) -> Result<f64> {
    let url = format!("http://{}{PATH}", bulla.public);
    let run = wrk::run(url, &Bearer::One("x".to_owned()), Load::FULL, &[]).await?;
    Ok(run.p99_milliseconds)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
