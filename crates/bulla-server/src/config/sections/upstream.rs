//! `[[upstream]]`

use std::time::Duration;

use crate::config::{
    reader::{Mistake, Section, parsed, text, word},
    settings::{Balance, HealthCheck, Protocol, Upstream},
    values::{InvalidValue, parse_duration},
};

const CHECK_INTERVAL: Duration = Duration::from_secs(5);
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Checks that come faster are a load of their own.
const SHORTEST_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// The upstreams, and the names of all of them: also of those whose servers are missing, for the routes that lead
/// there are not what is wrong.
pub(super) fn upstreams(top: &mut Section<'_>) -> (Vec<Upstream>, Vec<String>) {
    let mut upstreams = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for mut section in top.sections("upstream") {
        let name = section.require("name", |node| match text(node)? {
            name if names.contains(&name) => Err(Mistake::one(
                format!("there are two upstreams `{name}`"),
                None,
            )),
            name => Ok(name),
        });
        section.needs("servers");
        let servers = section.written_list("servers");
        let balance = section.read(
            "balance",
            word(&[
                ("round_robin", Balance::RoundRobin),
                ("least_connections", Balance::LeastConnections),
            ]),
        );
        let protocol = section.read(
            "protocol",
            word(&[("http1", Protocol::Http1), ("http2", Protocol::Http2)]),
        );
        let ca = section.written("ca");
        let health = health(&mut section);
        section.finish();
        names.extend(name.clone());
        if let (Some(name), Some(servers)) = (name, servers) {
            upstreams.push(Upstream {
                name,
                servers,
                balance: balance.unwrap_or(Balance::RoundRobin),
                protocol: protocol.unwrap_or(Protocol::Http1),
                ca,
                health,
            });
        }
    }
    (upstreams, names)
}

fn health(upstream: &mut Section<'_>) -> Option<HealthCheck> {
    let mut section = upstream.table("health", "a table such as `{ path = \"/healthz\" }`")?;
    section.needs("path");
    let path = section.written("path");
    let timeout_origin = section.origin_of("timeout");
    let interval = section
        .read("interval", parsed(interval))
        .unwrap_or(CHECK_INTERVAL);
    let timeout = section
        .read("timeout", parsed(timeout))
        .unwrap_or(CHECK_TIMEOUT.min(interval));
    if timeout > interval {
        let message = "a check must end before the next one: longer than `interval`";
        section.problem_at(timeout_origin, "timeout", message, None);
    }
    section.finish();
    Some(HealthCheck {
        path: path?,
        interval,
        timeout,
    })
}

fn interval(text: &str) -> Result<Duration, InvalidValue> {
    match parse_duration(text)? {
        interval if interval < SHORTEST_CHECK_INTERVAL => {
            Err(InvalidValue::new("a duration of at least 100ms", None))
        }
        interval => Ok(interval),
    }
}

fn timeout(text: &str) -> Result<Duration, InvalidValue> {
    match parse_duration(text)? {
        Duration::ZERO => Err(InvalidValue::new("a duration that is not zero", None)),
        timeout => Ok(timeout),
    }
}
