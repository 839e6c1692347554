//! End-to-end tests: the real binary, driven over HTTP and by its own command line.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what a test stands on fails the test by panicking, as the test itself does; and it runs \
              a real process at the real time"
)]

mod crate_graph;
mod docs;
mod flows;
mod harness;
mod readme;
mod refusals;
mod token;
