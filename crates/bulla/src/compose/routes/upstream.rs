//! `[[upstream]]`, read by the gateway's own types.

use anyhow::Context as _;
use bulla_gateway::target::{
    Authorities, Balance, HealthCheck, Protocol, Upstream, UpstreamOptions,
};
use bulla_server::config::{self, Problem, values::HttpOrigin};

use super::configured::{all, meant_path, one};

/// The upstream, if it can be read; with what is wrong with it added to `problems`.
pub(super) fn read(written: &config::Upstream, problems: &mut Vec<Problem>) -> Option<Upstream> {
    let name = &written.name;
    let servers = all(&written.servers.value, problems, |server| {
        Upstream::parse(name, &[server], &UpstreamOptions::default())
            .map(|_| server.to_owned())
            .map_err(|error| (error, meant_server(server)))
    });
    let options = options(written, problems);
    let upstream = Upstream::parse(name, &servers?, &options.clone().unwrap_or_default())
        .map_err(|error| problems.push(written.servers.problem(error.to_string(), None)));
    options.and(upstream.ok())
}

fn options(written: &config::Upstream, problems: &mut Vec<Problem>) -> Option<UpstreamOptions> {
    let health = match &written.health {
        None => None,
        Some(health) => Some(one(&health.path, problems, |path| {
            HealthCheck::new(path, health.interval, health.timeout)
                .map_err(|error| (error, meant_path(path)))
        })?),
    };
    let authorities = match &written.ca {
        None => None,
        Some(file) => Some(one(file, problems, |file| {
            authorities(file).map_err(|error| (error, None))
        })?),
    };
    Some(UpstreamOptions {
        authorities,
        balance: match written.balance {
            config::Balance::RoundRobin => Balance::RoundRobin,
            config::Balance::LeastConnections => Balance::LeastConnections,
        },
        protocol: match written.protocol {
            config::Protocol::Http1 => Protocol::Http1,
            config::Protocol::Http2 => Protocol::Http2,
        },
        health,
    })
}

/// The certificate authorities in a file, which is named from the working directory.
fn authorities(file: &str) -> anyhow::Result<Authorities> {
    let text = std::fs::read(file).context("the file cannot be read")?;
    Ok(Authorities::from_pem(&text)?)
}

fn meant_server(text: &str) -> Option<String> {
    text.parse::<HttpOrigin>().err()?.suggestion
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_configuration_takes_for_a_server_the_gateway_does_too() {
        for text in [
            "http://h",
            "https://h:1",
            "http://[::1]:80",
            "http://h:99999",
            "http://u@h",
            "h:1",
            "http://h/p",
        ] {
            let read = text.parse::<HttpOrigin>().is_ok();
            assert_eq!(
                Upstream::parse("u", &[text], &UpstreamOptions::default()).is_ok(),
                read,
                "{text}"
            );
        }
    }
}
