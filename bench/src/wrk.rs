//! Requests per second and p99 by wrk.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

use crate::process::cpu_microseconds;

/// What one run of wrk saw.
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p99_milliseconds: f64,
    /// Processor time of the measured processes for each request.
    pub(crate) cpu_microseconds: f64,
}

/// With what is asked.
#[derive(Clone)]
pub(crate) enum Bearer {
    /// Always the same token.
    One(String),
    /// Those of a file in turn, a line each.
    Many(PathBuf),
}

/// Requests are made beforehand: at this rate the script would else be what is measured.
const IN_TURN: &str = "\
local requests, turn = {}, 0
function init()
  for token in io.lines(os.getenv('TOKENS')) do
    requests[#requests + 1] = wrk.format('GET', nil, {['Authorization'] = 'Bearer ' .. token, ['Host'] = 'localhost'})
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
";

/// How much is asked.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    /// Header lines besides the token; not for [`Bearer::Many`].
    pub(crate) headers: &'static [&'static str],
}

impl Load {
    /// What keeps a gateway on two cores busy.
    pub(crate) const FULL: Self = Self {
        connections: 32,
        seconds: 3,
        headers: &[],
    };
}

/// Load from one thread. Every answer must be a 2xx.
pub(crate) async fn run(
    url: String,
    bearer: &Bearer,
    load: Load,
    processes: &[u32],
) -> Result<Measured> {
    let (bearer, processes) = (bearer.clone(), processes.to_vec());
    tokio::task::spawn_blocking(move || run_blocking(&url, &bearer, load, &processes)).await?
}

fn run_blocking(url: &str, bearer: &Bearer, load: Load, processes: &[u32]) -> Result<Measured> {
    let Load {
        connections,
        seconds,
        headers,
    } = load;
    let folder = tempfile::tempdir()?;
    let mut command = Command::new("wrk");
    command.args(["-t1", "--latency", &format!("-c{connections}")]);
    command.arg(format!("-d{seconds}s"));
    for header in headers {
        command.args(["-H", header]);
    }
    match bearer {
        Bearer::One(token) => {
            command
                .arg("-H")
                .arg(format!("Authorization: Bearer {token}"));
        }
        Bearer::Many(tokens) => {
            let script = folder.path().join("in_turn.lua");
            fs::write(&script, IN_TURN)?;
            command.arg("-s").arg(script).env("TOKENS", tokens);
        }
    }
    let before = cpu_microseconds(processes)?;
    let output = command
        .arg(url)
        .output()
        .context("wrk is missing: use bench/run")?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "wrk failed: {text}");
    ensure!(!text.contains("Non-2xx"), "refused under load: {text}");
    let used = cpu_microseconds(processes)? - before;
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
    let count = text.lines().find(|line| line.contains(" requests in "));
    let count = count.and_then(|line| line.split_whitespace().next());
    let count: f64 = count.context("wrk counted no requests")?.parse()?;
    Ok(Measured {
        cpu_microseconds: used / count,
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
