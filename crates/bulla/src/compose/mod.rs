//! The wiring: from a configuration to a running server. No rules of authentication are here.

mod admin_listener;
mod admin_socket;
mod changes;
mod clock;
pub(crate) mod data;
pub(crate) mod doctor;
pub(crate) mod gateway;
pub(crate) mod issuer;
pub(crate) mod issuers;
mod keys;
pub(crate) mod limits;
mod listen;
pub(crate) mod mail;
mod open_files;
mod own_address;
mod public;
mod reload;
pub(crate) mod routes;
pub(crate) mod serve;
pub(crate) mod settings;
mod sightings;
mod stop;
pub(crate) mod store;
mod telemetry;
pub(crate) mod tls;

use std::future::Future;

use anyhow::Context;
use bulla_server::config::{Config, Problem};

/// Runs a command to its end on a runtime with a thread for every core.
///
/// # Errors
/// Those of the command; the system has no threads to run it on.
pub(crate) fn run<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system has no threads left")?
        .block_on(command)
}

/// What the parts find wrong with a configuration, without reading any other file than [`routes::files`].
pub(crate) fn problems(config: &Config) -> Vec<Problem> {
    let mut problems = routes::problems(config);
    problems.extend(issuers::problems(config));
    problems.extend(telemetry::problem(config));
    problems
}

/// The process's environment, as far as it is text.
#[expect(
    clippy::disallowed_methods,
    reason = "here the environment becomes a value, for all that is composed from it"
)]
pub(crate) fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
