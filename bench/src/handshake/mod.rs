//! The anonymous handshake: what it costs the server, and what it costs the visitor.

mod price;
mod spread;

use std::{
    hint::black_box,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use aws_lc_rs::hmac;
use bulla_core::{
    anonymous::{Challenge, ChallengeKey, Difficulty, Recipient, Work, puzzle::Puzzle},
    time::Timestamp,
};
use bulla_jose::{jwa::Algorithm, jwk::SigningKey, jwt};
use serde_json::{Value, json};

use crate::{binary::Binary, client::Connection, report::Report};

const AT_ONCE: usize = 16;
const SPAN: Duration = Duration::from_secs(5);

pub(crate) async fn measure(report: &Report) -> Result<()> {
    seal(report);
    let bulla = Binary::serve("[limits]\naddress = \"off\"\n", &[]).await?;
    let solved = solve_many(bulla.public).await?;
    let keys = requests_per_second(bulla.public, Ask::Keys).await?;
    let challenges = requests_per_second(bulla.public, Ask::Challenge).await?;
    let beside = "answers with the key set";
    report.ratio("challenges, 16 at once", "per s", challenges, beside, keys);
    let signatures = tokio::task::spawn_blocking(signatures_per_second).await??;
    let redeemed = requests_per_second(bulla.public, Ask::Redeem(solved)).await?;
    let beside = "bare ES256 tokens on one core";
    report.ratio(
        "handshakes redeemed, 16 at once",
        "per s",
        redeemed,
        beside,
        signatures,
    );
    drop(bulla);
    spread::measure(report);
    price::measure(report)
}

/// Making a challenge, beside the one MAC that it is.
fn seal(report: &Report) {
    let key = ChallengeKey::new(&[7; 32]);
    let challenge = Challenge {
        id: [7; 16],
        issued_at: Timestamp::from_millis(1_700_000_000_000),
        expires_at: Timestamp::from_millis(1_700_000_060_000),
        work: Work::Puzzles(Difficulty::USUAL),
    };
    let recipient = Recipient {
        audience: "api",
        client_key: None,
        prefix: "203.0.113.7/32",
    };
    let sealed = nanoseconds(|| {
        black_box(key.seal(black_box(&challenge), recipient));
    });
    let (bare, message) = (hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), [7; 67]);
    let mac = nanoseconds(|| {
        black_box(hmac::sign(&bare, black_box(&message)));
    });
    report.ratio("a challenge made", "ns", sealed, "one HMAC-SHA-256", mac);
}

fn nanoseconds(act: impl Fn()) -> f64 {
    const ROUNDS: u32 = 200_000;
    let started = Instant::now();
    (0..ROUNDS).for_each(|_| act());
    started.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS)
}

/// What is sent again and again.
#[derive(Clone)]
enum Ask {
    Keys,
    Challenge,
    /// Redeeming is idempotent: the same solutions, in turn.
    Redeem(Vec<Value>),
}

async fn requests_per_second(address: SocketAddr, ask: Ask) -> Result<f64> {
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..AT_ONCE {
        let mut connection = Connection::open(address).await?;
        let ask = ask.clone();
        tasks.push(tokio::spawn(async move {
            let mut done = 0_u32;
            while started.elapsed() < SPAN {
                match &ask {
                    Ask::Keys => connection.get("/.well-known/jwks.json").await?,
                    Ask::Challenge => connection.get("/auth/challenge").await?,
                    Ask::Redeem(solved) => {
                        let body = &solved[done as usize % solved.len()];
                        connection.post("/auth/anonymous", body).await?
                    }
                };
                done += 1;
            }
            anyhow::Ok(done)
        }));
    }
    let mut total = 0;
    for task in tasks {
        total += task.await??;
    }
    Ok(f64::from(total) / started.elapsed().as_secs_f64())
}

async fn solve_many(address: SocketAddr) -> Result<Vec<Value>> {
    let mut connection = Connection::open(address).await?;
    let mut solved = Vec::new();
    for _ in 0..8 {
        let answer = connection.get("/auth/challenge").await?;
        let challenge = answer["challenge"].as_str().context("no challenge")?;
        let bits = u32::try_from(answer["difficulty"].as_u64().context("no difficulty")?)?;
        let nonces = (0..16).map(|index| Puzzle::new(challenge, index).solve(bits).get());
        let nonces: Vec<u64> = nonces.collect();
        solved.push(json!({"challenge": challenge, "nonces": nonces}));
    }
    Ok(solved)
}

fn signatures_per_second() -> Result<f64> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let claims = json!({"iss": "https://issuer.example", "sub": "anon_0123456789012345678901", "aud": "api"});
    let (started, mut done) = (Instant::now(), 0_u32);
    while started.elapsed() < Duration::from_secs(2) {
        black_box(jwt::sign(&key, "at+jwt", &claims)?);
        done += 1;
    }
    Ok(f64::from(done) / started.elapsed().as_secs_f64())
}
