//! `bulla token verify`: is this token good, and if not, why? A JSON line for each.

use std::{
    io::{self, BufReader, BufWriter, Read, Write},
    process::ExitCode,
};

use bulla_jose::{
    jwk::JwkSet,
    jws::{MAX_TOKEN_BYTES, Malformed},
    jwt::{UnixTime, VerificationPolicy},
};
use serde_json::{Map, Value, json};

use super::{
    judge::{Refused, judge},
    source::TokenBytes,
    time,
};
use crate::{
    commands::{Global, acceptance::Acceptance},
    failure, output,
};

const EXAMPLES: &str = "\
Examples:
  echo \"$TOKEN\" | bulla token verify --jwks http://127.0.0.1:8080/.well-known/jwks.json \\
      --issuer http://127.0.0.1:8080 --audience api
  bulla token verify --jwks keys.json --issuer I --audience A --batch < tokens.txt

A line each: {\"valid\":true,\"claims\":{…}} or {\"valid\":false,\"code\":\"token_expired\",\"detail\":\"…\"}.
Only the final line feed of a line is not part of the token. It is the verdict that a gateway gives,
but for revocations, which only a gateway knows.

Exit codes: 0 all valid, 1 at least one is not, 2 no verdict: wrong usage, a key set, standard input or output that
fails. A reader that goes away (| head) ends it, with the verdicts until then.";

/// The flags of `bulla token verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    acceptance: Acceptance,
    /// The time to judge by, in seconds since 1970 [default: now]
    #[arg(long, value_name = "UNIX")]
    now: Option<u64>,
    /// One token a line, until standard input ends
    #[arg(long)]
    batch: bool,
}

/// Verifies what standard input holds.
///
/// # Errors
/// None: what fails is reported here, with exit code 2.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    Ok(match all_valid(args) {
        Ok(all_valid) => ExitCode::from(u8::from(!all_valid)),
        Err(error) => failure::report_no_verdict(&error, global.output()),
    })
}

fn all_valid(args: &Args) -> anyhow::Result<bool> {
    let acceptance = &args.acceptance;
    let keys = acceptance.jwks.load(acceptance.algorithms())?;
    let mut judge = Judge {
        keys,
        policy: acceptance.policy(),
        now: args.now,
        all_valid: true,
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let judged = if args.batch {
        judge.lines(io::stdin().lock(), &mut output)
    } else {
        let token = TokenBytes::all(&mut io::stdin().lock());
        token.and_then(|token| judge.answer(&token, &mut output))
    };
    match judged.and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(judge.all_valid),
    }
}

/// What tokens are judged by.
struct Judge {
    keys: JwkSet,
    policy: VerificationPolicy,
    now: Option<u64>,
    /// Until now.
    all_valid: bool,
}

impl Judge {
    /// A verdict a line. Whoever waits for an answer before asking again gets it: output is kept
    /// back only while there is more input at hand.
    fn lines(&mut self, input: impl Read, output: &mut impl Write) -> io::Result<()> {
        let mut input = BufReader::new(input);
        while let Some(line) = TokenBytes::line(&mut input)? {
            self.answer(&line, output)?;
            if input.buffer().is_empty() {
                output.flush()?;
            }
        }
        Ok(())
    }

    fn answer(&mut self, token: &TokenBytes, output: &mut impl Write) -> io::Result<()> {
        let verdict = match self.claims(token) {
            Ok(claims) => json!({ "valid": true, "claims": claims }),
            Err(refused) => {
                self.all_valid = false;
                json!({ "valid": false, "code": refused.code(), "detail": refused.to_string() })
            }
        };
        writeln!(output, "{}", output::json(&verdict))
    }

    fn claims(&self, token: &TokenBytes) -> Result<Map<String, Value>, Refused> {
        if token.length > MAX_TOKEN_BYTES {
            let (limit, found) = (MAX_TOKEN_BYTES, token.length);
            return Err(Refused::Token(Malformed::TooLong { limit, found }.into()));
        }
        let now = UnixTime::from_seconds(self.now.unwrap_or_else(time::now));
        judge(&token.text(), &self.keys, &self.policy, now)
    }
}
