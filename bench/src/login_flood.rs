//! What others notice of a flood of logins: p99 of verified requests, and memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    binary::Binary,
    client::{Connection, register},
    gateway::Nginx,
    report::Report,
    wrk::{self, Bearer, Load},
};

/// Several times what the queue of hashes holds on a small machine: most are refused.
const ATTACKERS: usize = 256;
/// Quiet and flooded, in turn.
const ROUNDS: usize = 3;
const LOAD: Load = Load {
    connections: 8,
    ..Load::FULL
};

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let upstream = Nginx::upstream()?;
    let bulla = Binary::serve(
        &format!(
            "[limits]\naddress = \"off\"\n[[upstream]]\nname = \"api\"\nservers = [\"http://{}\"]\n\
             [[route]]\npath = \"/{{*rest}}\"\nupstream = \"api\"\n",
            upstream.address
        ),
        &[],
    )
    .await?;
    let session = register(&mut Connection::open(bulla.public).await?, 0).await?;
    let token = session["access_token"].as_str().context("no token")?;
    let bearer = Bearer::One(token.to_owned());
    let url = || format!("http://{}/", bulla.public);
    let before = bulla.resident_mebibytes()?;
    let (mut quiet, mut flooded, mut resident) = (Vec::new(), Vec::new(), before);
    for _ in 0..ROUNDS {
        quiet.push(wrk::run(url(), &bearer, LOAD, &[]).await?.p99_milliseconds);
        let flood = Flood::begin(&bulla).await?;
        flooded.push(wrk::run(url(), &bearer, LOAD, &[]).await?.p99_milliseconds);
        resident = resident.max(bulla.resident_mebibytes()?);
        flood.end().await;
    }
    report.ratio(
        "p99 of verified requests, logins flooded",
        "ms",
        median(flooded),
        "quiet",
        median(quiet),
    );
    report.ratio("resident, logins flooded", "MiB", resident, "quiet", before);
    Ok(())
}

struct Flood {
    over: Arc<AtomicBool>,
    attackers: JoinSet<()>,
}

impl Flood {
    async fn begin(bulla: &Binary) -> Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let mut attackers = JoinSet::new();
        for _ in 0..ATTACKERS {
            let mut connection = Connection::open(bulla.public).await?;
            let over = Arc::clone(&over);
            attackers.spawn(async move {
                let guess =
                    json!({"email": "user0@example.com", "password": "not ten green bottles"});
                while !over.load(Ordering::Relaxed) {
                    // Refused either way; who is turned away at once comes again soon.
                    let _ = connection.post("/auth/login", &guess).await;
                    sleep(Duration::from_millis(20)).await;
                }
            });
        }
        // Until the queue is full.
        sleep(Duration::from_secs(1)).await;
        Ok(Self { over, attackers })
    }

    async fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        self.attackers.join_all().await;
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
