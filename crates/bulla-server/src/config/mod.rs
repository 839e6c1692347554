//! Configuration: `bulla.toml`, overlaid by `BULLA__SECTION__KEY` and by flags.
//!
//! [`Config::load`] reads everything into types that can only be valid, before a port is bound, and
//! reports all that is wrong at once: file, line, key, and what was probably meant.

mod differences;
mod load;
mod problem;
mod reader;
mod sections;
mod settings;
mod suggestion;
mod tree;
pub mod values;
mod written;

pub use load::ConfigSources;
pub use problem::{ConfigError, Origin, Problem};
pub use settings::{
    Balance, Bans, Config, EncryptedTokens, Encryption, HealthCheck, Keys, Limits, Listen, Log,
    LogField, LoggedRequests, Mail, PostgresDatabase, Protocol, Route, RouteAccess, RouteLimit,
    SmtpServer, Store, Streams, Telemetry, Tls, TrustedIssuer, Upstream, Verification,
};
pub use written::{Hidden, Written};

/// The commented `bulla.toml` that `bulla init` writes: every key with its default, switched off.
pub const EXAMPLE: &str = include_str!("example.toml");
