//! The crate from outside: one binary, a tree that mirrors the URLs and the sources.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails in a test shall end it"
)]

mod admin;
mod app;
mod auth;
mod config;
mod data_folder;
mod demo;
mod hashing;
mod issuer;
mod keys;
mod mail;
mod oauth2;
mod openapi;
mod refresh;
mod refusals;
mod sightings;
mod store;
mod web;
mod well_known;
