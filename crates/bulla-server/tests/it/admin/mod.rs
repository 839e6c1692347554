//! `/admin/…`, `/healthz`, `/readyz`, `/metrics`

mod bans;
mod operations;
mod permit;
mod sessions;
mod users;
