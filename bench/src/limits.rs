//! What limits cost: a bucket by itself, and a request on its way through the gateway.

use std::{collections::HashMap, hint::black_box, num::NonZeroU32, time::Instant};

use anyhow::{Context, Result, ensure};
use bulla_guard::limit::{BucketTable, Charge, Moment, Quota, QuotaPolicy, Rate};

use crate::{
    binary::Binary,
    client::{Connection, register},
    gateway::Nginx,
    report::Report,
    wrk::{self, Bearer, Load, Measured},
};

const KEYS: u32 = 1_000_000;
const ROUNDS: usize = 5;

/// Nobody is refused by it.
const WIDE: &str = "1000000/s";

pub(crate) async fn measure(report: &Report) -> Result<()> {
    buckets(report)?;
    requests(report).await
}

/// Charging one of a million buckets, whoever comes next; the same for a hash map that is one thread's and does nothing else.
fn buckets(report: &Report) -> Result<()> {
    let rate: Rate = WIDE.parse()?;
    let quota = Quota::new(rate, NonZeroU32::MIN.saturating_add(1_000_000))?;
    let table = BucketTable::new(2 * KEYS as usize);
    let now = Moment::from_milliseconds(1_700_000_000_000);
    let subjects: Vec<String> = (0..KEYS).map(|number| format!("usr_{number:08}")).collect();
    let take = |subject: &str| {
        let charge = table.take(table.key(("free", subject)), &quota, now);
        matches!(charge, Charge::Passed(_))
    };
    ensure!(
        subjects.iter().all(|subject| take(subject)),
        "a bucket was full"
    );
    let each = nanoseconds(|turn| black_box(take(&subjects[turn])));
    let mut map: HashMap<&str, u64> = subjects.iter().map(|subject| (&**subject, 0)).collect();
    let plain = nanoseconds(|turn| {
        map.entry(&subjects[turn]).and_modify(|count| *count += 1);
        true
    });
    report.ratio(
        "a limit charged, of 1,000,000",
        "ns",
        each,
        "a plain HashMap",
        plain,
    );
    let one = nanoseconds(|_| black_box(take("usr_00000000")));
    report.value("a limit charged, always the same", "ns", one);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let mebibytes = table.bytes() as f64 / f64::from(1 << 20);
    report.value("memory of 1,000,000 buckets", "MiB", mebibytes);
    let policy = QuotaPolicy::new("free", quota);
    let level = table.level(table.key("another"), &quota, now);
    let field = nanoseconds(|_| !black_box(policy.limit_field(&level)).is_empty());
    report.value("the field of an answer", "ns", field);
    Ok(())
}

/// Of an act, for keys in an order that no cache foresees.
fn nanoseconds(mut act: impl FnMut(usize) -> bool) -> f64 {
    const STEP: usize = 611_953;
    let mut turn = 0;
    let started = Instant::now();
    for _ in 0..KEYS {
        turn = (turn + STEP) % KEYS as usize;
        black_box(act(turn));
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(KEYS)
}

/// A request with a token from the cache, from an address that a proxy tells: without limits, and with them.
async fn requests(report: &Report) -> Result<()> {
    let upstream = Nginx::upstream()?;
    let (off, on) = ("off", WIDE);
    let mut contenders = Vec::new();
    for (name, address, limit) in [
        ("without limits", off, "off"),
        ("with the address limit", on, "off"),
        ("with the address limit and a plan", on, "plan"),
    ] {
        let configuration = format!(
            "trusted_proxies = [\"127.0.0.1\"]\n\
             [limits]\naddress = \"{address}\"\n\
             [plans.free]\nrate = \"{WIDE}\"\nburst = 1000000\n\
             [[upstream]]\nname = \"api\"\nservers = [\"http://{}\"]\n\
             [[route]]\npath = \"/api/{{*rest}}\"\nupstream = \"api\"\nlimit = \"{limit}\"\n",
            upstream.address
        );
        let bulla = Binary::serve(&configuration, &[]).await?;
        let session = register(&mut Connection::open(bulla.public).await?, 0).await?;
        let token = session["access_token"]
            .as_str()
            .context("no access token")?;
        contenders.push((name, bulla, Bearer::One(token.to_owned()), Vec::new()));
    }
    let load = Load {
        headers: &["X-Forwarded-For: 192.0.2.1"],
        ..Load::FULL
    };
    for _ in 0..ROUNDS {
        for (_, bulla, bearer, runs) in &mut contenders {
            let url = format!("http://{}/api/orders", bulla.public);
            runs.push(wrk::run(url, bearer, load, &[bulla.process_id()]).await?);
        }
    }
    let (without, limited) = contenders.split_first().context("nobody was measured")?;
    for (name, _, _, runs) in limited {
        for (unit, of) in [
            (
                "us CPU",
                (|run: &Measured| run.cpu_microseconds) as fn(&Measured) -> f64,
            ),
            ("req/s", |run| run.per_second),
        ] {
            let [ours, theirs] = [runs, &without.3].map(|runs| median(runs.iter().map(of)));
            report.ratio(&format!("a request {name}"), unit, ours, without.0, theirs);
        }
    }
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
