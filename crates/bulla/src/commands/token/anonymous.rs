//! `bulla token anonymous`: a token without an account, for a proof of work.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use bulla_core::anonymous::puzzle::{PUZZLES, Puzzle};
use bulla_server::{config::values::HttpOrigin, routes::CHALLENGE_PATH};
use serde_json::{Value, json};

use crate::{commands::Global, compose, public_api::PublicApi};

const EXAMPLES: &str = "\
Examples:
  bulla token anonymous --url http://127.0.0.1:8080
  bulla token anonymous --url https://api.example.com --json
  bulla token anonymous --url https://api.example.com --level 0

Prints the access token; with --json the whole answer of POST /auth/anonymous. On a terminal a bar on
standard error shows how far the proof is. Nothing is asked about you, and nothing is kept.

Exit codes: 0 there is a token, 1 there is none (one sentence on standard error says why), 2 wrong usage.";

/// The flags of `bulla token anonymous`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where Bulla answers
    #[arg(long)]
    url: HttpOrigin,
    /// 1: for a proof of work; 0: without one, on the plan for those who cannot compute
    #[arg(long, default_value = "1", value_name = "0|1", value_parser = clap::value_parser!(u8).range(..=1))]
    level: u8,
}

/// Gets a token and prints it.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let session = compose::run(handshake(args))?;
    let token = |session: &Value| session["access_token"].as_str().unwrap_or("").to_owned();
    global.output().print(&session, token)?;
    Ok(ExitCode::SUCCESS)
}

async fn handshake(args: &Args) -> anyhow::Result<Value> {
    let api = PublicApi::at(&args.url)?;
    let asked = format!("{CHALLENGE_PATH}?level={}", args.level);
    let answer = api.get(&asked).await?;
    let challenge = Challenge::read(&answer).context("the server answered no challenge")?;
    ensure!(
        challenge.is_solvable(),
        "the server asks for more work than any Bulla does"
    );
    let nonces = challenge.solve(&mut Progress::new());
    let solved = json!({"challenge": challenge.text, "nonces": nonces});
    api.post("/auth/anonymous", &solved).await
}

/// Far more zero bits than are ever asked for.
const MAX_DIFFICULTY: u32 = 20;

/// What is to be solved.
struct Challenge<'a> {
    text: &'a str,
    puzzles: u8,
    difficulty: u32,
}

impl<'a> Challenge<'a> {
    fn read(answer: &'a Value) -> Option<Self> {
        Some(Self {
            text: answer["challenge"].as_str()?,
            puzzles: u8::try_from(answer["puzzles"].as_u64()?).ok()?,
            difficulty: u32::try_from(answer["difficulty"].as_u64()?).ok()?,
        })
    }

    /// Whether it takes seconds at most. There are hashes that begin with so many zero bits that none was ever found.
    const fn is_solvable(&self) -> bool {
        self.puzzles <= PUZZLES && self.difficulty <= MAX_DIFFICULTY
    }

    fn solve(&self, progress: &mut Progress) -> Vec<u64> {
        let solved = |index| {
            progress.show(index, self.puzzles);
            Puzzle::new(self.text, index).solve(self.difficulty).get()
        };
        (0..self.puzzles).map(solved).collect()
    }
}

/// A bar on standard error, if that is a terminal.
struct Progress {
    shown: bool,
    on_terminal: bool,
}

impl Progress {
    fn new() -> Self {
        Self {
            shown: false,
            on_terminal: io::stderr().is_terminal(),
        }
    }

    fn show(&mut self, solved: u8, of: u8) {
        if self.on_terminal {
            self.shown = true;
            let (full, empty) = (usize::from(solved), usize::from(of - solved));
            let bar = format!("{}{}", "#".repeat(full), ".".repeat(empty));
            // A bar that cannot be shown is no reason to give up.
            let _ = write!(io::stderr(), "\r[{bar}] {solved} of {of} puzzles");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_without_end_is_not_begun() {
        let is_solvable = |puzzles: u64, difficulty: u64| {
            let answer = json!({"challenge": "c", "puzzles": puzzles, "difficulty": difficulty});
            Challenge::read(&answer).is_some_and(|challenge| challenge.is_solvable())
        };
        for (puzzles, difficulty) in [(16, 12), (16, 15), (0, 0)] {
            assert!(is_solvable(puzzles, difficulty), "{puzzles} {difficulty}");
        }
        for (puzzles, difficulty) in [(16, 65), (16, u64::MAX), (1, 40), (17, 12), (272, 12)] {
            assert!(!is_solvable(puzzles, difficulty), "{puzzles} {difficulty}");
        }
    }
}
