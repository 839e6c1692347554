//! `bulla completions`: a completion script for a shell.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::output;

const EXAMPLES: &str = "\
Examples:
  bulla completions bash > ~/.local/share/bash-completion/completions/bulla
  bulla completions fish > ~/.config/fish/completions/bulla.fish";

/// The flags of `bulla completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// Standard output fails.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "bulla", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(ExitCode::SUCCESS)
}
