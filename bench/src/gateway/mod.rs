//! Verified requests through the gateway, beside nginx as a plain proxy and HAProxy, which verifies with `jwt_verify`.

mod peers;
mod tokens;

use std::{fs, net::SocketAddr, path::Path, process::Command};

use anyhow::Result;
use tempfile::TempDir;

pub(crate) use self::peers::Nginx;
use self::{
    peers::Haproxy,
    tokens::{AUDIENCE, ISSUER, Issuer},
};
use crate::{
    process::{Process, free_address},
    report::Report,
    wrk::{self, Bearer, Load, Measured},
};

const ROUNDS: usize = 3;

/// More than the small cache holds, so that none is found again.
const MANY: usize = 4000;

/// What is asked, and with what.
struct Contender {
    name: &'static str,
    address: SocketAddr,
    bearer: Bearer,
    processes: Vec<u32>,
    load: Load,
    runs: Vec<Measured>,
}

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let upstream = Nginx::upstream()?;
    let proxy = Nginx::proxy(upstream.address)?;
    let (rsa, hmac) = (Issuer::rs256(folder.path())?, Issuer::hs256()?);
    let haproxy = Haproxy::start(upstream.address, &rsa, &hmac)?;
    let gateway =
        |issuer: &Issuer, cache: &str| start(folder.path(), issuer, upstream.address, cache);
    let (rs, rs_new) = (gateway(&rsa, "64MiB")?, gateway(&rsa, "1MiB")?);
    let (hs, hs_new) = (gateway(&hmac, "64MiB")?, gateway(&hmac, "1MiB")?);

    let one = |issuer: &Issuer| Ok::<_, anyhow::Error>(Bearer::One(issuer.token(0)?));
    let many = |issuer: &Issuer| issuer.many(folder.path(), MANY).map(Bearer::Many);
    let [ha_rs, ha_hs] = haproxy.addresses;
    let (rsa_one, rsa_many) = (one(&rsa)?, many(&rsa)?);
    let (hmac_one, hmac_many) = (one(&hmac)?, many(&hmac)?);
    let mut all = [
        (
            "bare upstream",
            upstream.address,
            &rsa_one,
            &upstream.process,
        ),
        ("nginx plain proxy", proxy.address, &rsa_one, &proxy.process),
        ("HAProxy RS256", ha_rs, &rsa_many, &haproxy.process),
        ("HAProxy HS256", ha_hs, &hmac_many, &haproxy.process),
        ("gateway, RS256, cached", rs.0, &rsa_one, &rs.1),
        (
            "gateway, RS256, every token new",
            rs_new.0,
            &rsa_many,
            &rs_new.1,
        ),
        ("gateway, HS256, cached", hs.0, &hmac_one, &hs.1),
        (
            "gateway, HS256, every token new",
            hs_new.0,
            &hmac_many,
            &hs_new.1,
        ),
        ("gateway, five times the load", rs.0, &rsa_one, &rs.1),
    ]
    .map(|(name, address, bearer, process)| Contender {
        name,
        address,
        bearer: bearer.clone(),
        processes: process.family(),
        load: Load::FULL,
        runs: Vec::new(),
    });
    all[8].load.connections *= 5;
    run(&mut all).await?;
    print(report, &all);
    report.value(
        "gateway, resident after the load",
        "MiB",
        rs.1.resident_mebibytes()?,
    );
    Ok(())
}

async fn run(all: &mut [Contender]) -> Result<()> {
    // In turns, so that a slow minute of the machine hits all alike.
    for _ in 0..ROUNDS {
        for contender in &mut *all {
            let url = format!("http://{}/api/orders", contender.address);
            let run =
                wrk::run(url, &contender.bearer, contender.load, &contender.processes).await?;
            contender.runs.push(run);
        }
    }
    Ok(())
}

fn print(report: &Report, all: &[Contender; 9]) {
    let [
        bare,
        nginx,
        ha_rs,
        ha_hs,
        rs,
        rs_new,
        hs,
        hs_new,
        overloaded,
    ] = all;
    for (ours, theirs) in [
        (rs, nginx),
        (rs, ha_rs),
        (rs, bare),
        (rs_new, ha_rs),
        (rs_new, nginx),
        (hs, nginx),
        (hs, ha_hs),
        (hs_new, ha_hs),
        (overloaded, rs),
    ] {
        for (unit, of) in [
            (
                "req/s",
                (|run: &Measured| run.per_second) as fn(&Measured) -> f64,
            ),
            ("us CPU", |run| run.cpu_microseconds),
            ("ms p99", |run| run.p99_milliseconds),
        ] {
            let [our, their] = [ours, theirs].map(|each| median(each.runs.iter().map(of)));
            report.ratio(ours.name, unit, our, theirs.name, their);
        }
    }
}

/// `bulla gateway` with this issuer's keys.
fn start(
    folder: &Path,
    issuer: &Issuer,
    upstream: SocketAddr,
    cache: &str,
) -> Result<(SocketAddr, Process)> {
    let address = free_address()?;
    let keys = folder.join(format!("{}.json", issuer.algorithm()));
    fs::write(&keys, issuer.jwk_set())?;
    let mut command = Command::new(crate::binary::executable()?);
    command
        .args(["gateway", "--issuer", ISSUER, "--audience", AUDIENCE])
        .args(["--algorithms", issuer.algorithm().as_str()])
        .args(["--token-cache", cache])
        .env("BULLA_LOG", "warn")
        .arg("--jwks")
        .arg(keys)
        .args(["--upstream", &format!("http://{upstream}")])
        .args(["--listen", &address.to_string()]);
    Ok((address, Process::start(command, None, address)?))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A folder that a peer runs in.
fn folder_with(name: &str, text: &str) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join(name), text)?;
    Ok(folder)
}
