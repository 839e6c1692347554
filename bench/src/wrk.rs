//! Requests per second and p99 by wrk.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// What one run of wrk saw.
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p99_milliseconds: f64,
}

/// `seconds` of load over 32 connections from one thread. Every answer must be a 2xx.
pub(crate) async fn run(url: String, bearer: Option<String>, seconds: u32) -> Result<Measured> {
    tokio::task::spawn_blocking(move || run_blocking(&url, bearer.as_deref(), seconds)).await?
}

fn run_blocking(url: &str, bearer: Option<&str>, seconds: u32) -> Result<Measured> {
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c32", "--latency", &format!("-d{seconds}s")]);
    if let Some(token) = bearer {
        command
            .arg("-H")
            .arg(format!("Authorization: Bearer {token}"));
    }
    let output = command
        .arg(url)
        .output()
        .context("wrk is missing: use bench/run")?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "wrk failed: {text}");
    ensure!(!text.contains("Non-2xx"), "refused under load: {text}");
    let field = |name: &str| -> Result<String> {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        let line = line.with_context(|| format!("wrk printed no {name}: {text}"))?;
        Ok(line
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .to_owned())
    };
    Ok(Measured {
        per_second: field("Requests/sec:")?.parse()?,
        p99_milliseconds: milliseconds(&field("99%")?)?,
    })
}

fn milliseconds(text: &str) -> Result<f64> {
    let (number, factor) = match text {
        micro if micro.ends_with("us") => (micro.trim_end_matches("us"), 0.001),
        milli if milli.ends_with("ms") => (milli.trim_end_matches("ms"), 1.0),
        seconds => (seconds.trim_end_matches('s'), 1000.0),
    };
    Ok(number.parse::<f64>()? * factor)
}
