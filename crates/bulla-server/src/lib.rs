//! The issuer over HTTP: routes, stores, configuration, web assets.

pub mod admin;
pub mod backup;
pub mod bans;
pub mod config;
pub mod data_folder;
pub mod demo;
pub mod doctor;
mod edge;
mod export;
mod guessing;
pub mod hashing;
pub mod issuer;
pub mod mail;
mod queue;
pub mod routes;
pub mod sightings;
pub mod store;
pub mod web;
mod workers;
