//! Requests with a valid token through the gateway, beside the bare upstream and nginx as a plain proxy.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command},
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{
    binary::{Binary, free_address},
    client::{Connection, register},
    report::Report,
    wrk,
};

const SECONDS: u32 = 6;
const ROUNDS: usize = 3;

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let nginx = Nginx::start()?;
    let configuration = format!(
        "[limits]\naddress = \"off\"\n[[upstream]]\nname = \"api\"\nservers = [\"http://{}\"]\n\
         [[route]]\npath = \"/{{*rest}}\"\nupstream = \"api\"\naccess = \"authenticated\"\n",
        nginx.upstream
    );
    let bulla = Binary::serve(&configuration, &[]).await?;
    let session = register(&mut Connection::open(bulla.public).await?, 0).await?;
    let token = session["access_token"]
        .as_str()
        .context("no access token")?
        .to_owned();

    // In turns, so that a slow minute of the machine hits all three alike.
    let (mut bare, mut plain, mut ours) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let url = |address: SocketAddr| format!("http://{address}/api/orders");
        bare.push(wrk::run(url(nginx.upstream), Some(token.clone()), SECONDS).await?);
        plain.push(wrk::run(url(nginx.proxy), Some(token.clone()), SECONDS).await?);
        ours.push(wrk::run(url(bulla.public), Some(token.clone()), SECONDS).await?);
    }
    let [bare_rate, plain_rate, our_rate] =
        [&bare, &plain, &ours].map(|runs| median(runs.iter().map(|run| run.per_second)));
    let [plain_p99, our_p99] =
        [&plain, &ours].map(|runs| median(runs.iter().map(|run| run.p99_milliseconds)));
    report.ratio(
        "gateway, ES256 token, one upstream",
        "req/s",
        our_rate,
        "nginx plain proxy",
        plain_rate,
    );
    report.ratio(
        "gateway, ES256 token, one upstream",
        "req/s",
        our_rate,
        "the bare upstream",
        bare_rate,
    );
    report.ratio("gateway p99", "ms", our_p99, "nginx plain proxy", plain_p99);
    report.value(
        "resident after the load",
        "MiB",
        bulla.resident_mebibytes()?,
    );
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// nginx twice in one process: a fixed answer (the upstream), and a plain proxy in front of it.
struct Nginx {
    process: Child,
    upstream: SocketAddr,
    proxy: SocketAddr,
    _folder: TempDir,
}

impl Nginx {
    fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (upstream, proxy) = (free_address()?, free_address()?);
        let configuration = format!(
            "daemon off; worker_processes 2; pid nginx.pid; error_log stderr crit;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; keepalive_requests 1000000000;\n\
             upstream api {{ server {upstream}; keepalive 64; keepalive_requests 1000000000; }}\n\
             server {{ listen {upstream}; location / {{ return 200 '{{\"ok\":true}}'; }} }}\n\
             server {{ listen {proxy}; location / {{ proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ''; }} }} }}\n"
        );
        fs::write(folder.path().join("nginx.conf"), configuration)?;
        let process = Command::new("nginx")
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf"])
            .spawn()
            .context("nginx is missing: use bench/run")?;
        Ok(Self {
            process,
            upstream,
            proxy,
            _folder: folder,
        })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGKILL would leave the workers behind.
        let _ = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        let _ = self.process.wait();
    }
}
