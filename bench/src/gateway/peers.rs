//! Debian's nginx and HAProxy.

use std::{net::SocketAddr, process::Command};

use anyhow::Result;

use super::{folder_with, tokens::Issuer};
use crate::process::{Process, free_address};

/// An nginx with two workers.
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    pub(super) process: Process,
}

impl Nginx {
    /// With a fixed answer.
    pub(crate) fn upstream() -> Result<Self> {
        Self::start("", "return 200 '{\"ok\":true}';")
    }

    /// In front of an upstream, with kept-alive connections.
    pub(super) fn proxy(upstream: SocketAddr) -> Result<Self> {
        let servers = format!(
            "upstream api {{ server {upstream}; keepalive 64; keepalive_requests 1000000000; }}"
        );
        let location =
            "proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection '';";
        Self::start(&servers, location)
    }

    fn start(servers: &str, location: &str) -> Result<Self> {
        let address = free_address()?;
        let configuration = format!(
            "daemon off; worker_processes 2; pid nginx.pid; error_log stderr crit;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; keepalive_requests 1000000000;\n{servers}\n\
             server {{ listen {address}; location / {{ {location} }} }} }}\n"
        );
        let folder = folder_with("nginx.conf", &configuration)?;
        let mut command = Command::new("nginx");
        command
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf"]);
        let process = Process::start(command, Some(folder), address)?;
        Ok(Self { address, process })
    }
}

/// A HAProxy that verifies: with an RSA key on the first address, with a secret on the second.
pub(super) struct Haproxy {
    pub(super) addresses: [SocketAddr; 2],
    pub(super) process: Process,
}

impl Haproxy {
    pub(super) fn start(upstream: SocketAddr, rsa: &Issuer, hmac: &Issuer) -> Result<Self> {
        let addresses = [free_address()?, free_address()?];
        let mut configuration = String::from(
            "global\n  nbthread 2\ndefaults\n  mode http\n  timeout client 60s\n  \
             timeout server 60s\n  timeout connect 5s\n  http-reuse always\n",
        );
        for (issuer, address) in [(rsa, addresses[0]), (hmac, addresses[1])] {
            let (algorithm, key) = (issuer.algorithm(), issuer.haproxy_key());
            configuration += &format!(
                "frontend {algorithm}\n  bind {address}\n  \
                 http-request set-var(txn.bearer) http_auth_bearer\n  \
                 http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')\n  \
                 http-request deny deny_status 401 unless {{ var(txn.alg) -m str {algorithm} }}\n  \
                 http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.alg,\"{key}\") 1 }}\n  \
                 default_backend api\n"
            );
        }
        configuration += &format!("backend api\n  server api {upstream}\n");
        let folder = folder_with("haproxy.cfg", &configuration)?;
        let mut command = Command::new("haproxy");
        command
            .arg("-db")
            .arg("-f")
            .arg(folder.path().join("haproxy.cfg"));
        let process = Process::start(command, Some(folder), addresses[1])?;
        Ok(Self { addresses, process })
    }
}
