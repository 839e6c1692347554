//! The reverse proxy in front of an API: routes, verification, policy, forwarding.
//!
//! Every public request passes a [`Gateway`], whether it goes on to an upstream over the network or to a service in
//! the same process (the issuer is one). What it does to a request, in which order and why, is in [`Gateway`];
//! each step is a file under `steps/`. Who may pass is decided by [`bulla_guard`].

mod abuse;
mod access_log;
mod body;
pub mod clock;
mod decision;
mod forward;
mod forward_auth;
mod gateway;
mod grpc;
mod limit;
mod metrics;
mod record;
mod refused;
mod request_id;
pub mod route;
mod rules;
mod serve;
mod settings;
pub mod sighting;
pub mod span;
mod steps;
pub mod target;
pub mod tls;
mod trace_context;
mod worker;

pub use access_log::{AccessLines, AccessLog};
pub use body::{Body, BodyError};
pub use gateway::Gateway;
pub use limit::{AddressLimit, Limits};
pub use rules::Rules;
pub use serve::{Drained, Entrance, Redirect, serve, serve_on_threads, serve_redirects};
pub use settings::{AssembleGatewayError, GatewaySettings, Timeouts};
pub use steps::proxies_seen::ProxiesSeen;
pub use trace_context::{InvalidSampling, Sampling};
