//! What is done to a request, a step a file. [`Gateway`](crate::Gateway) says in which order.

pub(crate) mod address_limit;
pub(crate) mod admission;
pub(crate) mod ban;
pub(crate) mod browser;
pub(crate) mod canonical_path;
pub(crate) mod client;
pub(crate) mod cookies;
pub(crate) mod cors;
pub(crate) mod credential;
pub(crate) mod csrf;
pub(crate) mod form;
pub(crate) mod forwarded;
pub(crate) mod framing;
pub(crate) mod hop_by_hop;
pub(crate) mod identity;
pub(crate) mod outbound;
pub(crate) mod parameter;
pub(crate) mod proxies_seen;
pub(crate) mod quota;
pub(crate) mod rewrite;
pub(crate) mod routing;
