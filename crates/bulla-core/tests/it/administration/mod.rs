//! What administrators do.

mod access;
mod create;
mod edit;
mod remove;
