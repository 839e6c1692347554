//! `/admin/…`, `/healthz`, `/readyz`, `/metrics`

mod operations;
mod permit;
mod sessions;
mod users;
