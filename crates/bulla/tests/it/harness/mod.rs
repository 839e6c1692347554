//! What the tests stand on: the real binary in a folder of its own, and a small HTTP client.

#[cfg(feature = "otel")]
pub(crate) mod collector;
pub(crate) mod engine;
pub(crate) mod folder;
pub(crate) mod http;
pub(crate) mod https;
pub(crate) mod issuers;
pub(crate) mod jar;
pub(crate) mod poll;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod smtp;
pub(crate) mod terminal;
pub(crate) mod tokens;
pub(crate) mod upstream;

pub(crate) use engine::{Engine, on_every_engine};
pub(crate) use folder::Folder;
pub(crate) use http::{Answer, Http};
pub(crate) use issuers::Issuers;
pub(crate) use jar::Jar;
pub(crate) use server::Server;
pub(crate) use session::Session;
