//! The command line: one file per subcommand under [`commands`], the wiring of a server under [`compose`].
//!
//! Exit codes, for every command: 0 it did what it was asked, 1 it did not (one sentence on
//! standard error says why), 2 the command line itself was wrong. `bulla token verify` refines
//! them, see its `--help`.

mod admin_api;
mod banner;
mod commands;
mod compose;
mod failure;
mod import;
mod jwk_set_location;
mod logs;
mod output;
mod public_api;
mod small_file;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// What a request allocates lives on one thread and for a moment: made for just that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    keep_pages_small();
    let cli = commands::Cli::parse();
    let output = cli.output();
    match cli.run() {
        Ok(code) => code,
        Err(error) => failure::report(&error, output),
    }
}

/// Of a huge page a process has all or nothing: then a connection takes its buffers whole, not what it used of them.
fn keep_pages_small() {
    // Who may not say so, takes what the system gives.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
