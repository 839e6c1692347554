//! What administrators do.

mod access;
mod audit;
mod clients;
mod create;
mod edit;
mod remove;
