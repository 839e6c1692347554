//! What every route shares: strict bodies, refusals as problem+json, and who is asking.

pub(crate) mod browser;
pub(crate) mod caller;
pub(crate) mod cookies;
pub(crate) mod fields;
pub(crate) mod frame;
pub(crate) mod json_body;
pub(crate) mod location;
pub(crate) mod parse;
pub(crate) mod problem_document;
pub(crate) mod refused;
pub(crate) mod secret;
pub(crate) mod time;
