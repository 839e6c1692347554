//! Logins per second, beside raw Argon2id of the same crate on all cores.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::Result;
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::json;

use crate::{
    binary::Binary,
    client::{Connection, PASSWORD, register},
    login_flood,
    report::Report,
};

const AT_ONCE: usize = 16;
const SPAN: Duration = Duration::from_secs(8);

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let raw = tokio::task::spawn_blocking(raw_hashes_per_second).await??;
    let bulla = Binary::serve("[limits]\naddress = \"off\"\n", &[]).await?;
    let mut clients = vec![];
    for number in 0..AT_ONCE {
        let mut connection = Connection::open(bulla.public).await?;
        register(&mut connection, number).await?;
        clients.push((connection, format!("user{number}@example.com")));
    }
    let started = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|(mut connection, email)| {
            tokio::spawn(async move {
                let mut done = 0_u32;
                while started.elapsed() < SPAN {
                    connection
                        .post(
                            "/auth/login",
                            &json!({"email": email, "password": PASSWORD}),
                        )
                        .await?;
                    done += 1;
                }
                anyhow::Ok(done)
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await??;
    }
    let rate = f64::from(total) / started.elapsed().as_secs_f64();
    report.ratio(
        "logins, 16 at once",
        "per s",
        rate,
        "raw Argon2id on all cores",
        raw,
    );
    drop(bulla);
    login_flood::measure(report).await
}

fn raw_hashes_per_second() -> Result<f64> {
    let parameters =
        Params::new(19 * 1024, 2, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let (stop, hashes) = (AtomicBool::new(false), AtomicU64::new(0));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone());
                let mut output = [0; 32];
                while !stop.load(Ordering::Relaxed) {
                    let hashed = argon2.hash_password_into(
                        PASSWORD.as_bytes(),
                        b"sixteen bytes ok",
                        &mut output,
                    );
                    hashes.fetch_add(u64::from(hashed.is_ok()), Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(SPAN);
        stop.store(true, Ordering::Relaxed);
    });
    let hashes = u32::try_from(hashes.into_inner())?;
    Ok(f64::from(hashes) / started.elapsed().as_secs_f64())
}
