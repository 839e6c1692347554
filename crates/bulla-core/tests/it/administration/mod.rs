//! What administrators do.

mod access;
mod audit;
mod create;
mod edit;
mod remove;
