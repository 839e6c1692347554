//! `/admin/…`, `/healthz`, `/readyz`, `/metrics`

mod audit;
mod bans;
mod clients;
mod keys;
mod operations;
mod permit;
mod portable;
mod sessions;
mod sign_in;
mod users;
