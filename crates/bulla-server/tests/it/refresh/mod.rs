//! Refreshing over a real database: what happened is recorded and judged, whatever the order was.

mod desk;
mod history;
mod thieves;
