//! `bulla token verify`: is this token good, and if not, why? A JSON line for each.

use std::{
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    process::ExitCode,
};

use bulla_jose::{
    jwk::JwkSet,
    jwt::{UnixTime, VerificationPolicy},
};
use serde_json::{Value, json};

use super::{judge::judge, time};
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

Exit codes: 0 all valid, 1 at least one is not, 2 wrong usage or an unreadable key set.";

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
/// Standard input or output fails. A bad key set is reported here, with exit code 2.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let acceptance = &args.acceptance;
    let keys = match acceptance.jwks.load(acceptance.algorithms()) {
        Ok(keys) => keys,
        Err(error) => {
            failure::report(&error, global.output());
            return Ok(ExitCode::from(2));
        }
    };
    let judge = Judge {
        keys,
        policy: acceptance.policy(),
        now: args.now,
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let all_valid = if args.batch {
        judge.lines(io::stdin().lock(), &mut output)?
    } else {
        let mut token = Vec::new();
        io::stdin().lock().read_to_end(&mut token)?;
        let (valid, verdict) = judge.verdict(without_final_line_feed(&token));
        writeln!(output, "{}", output::json(&verdict))?;
        valid
    };
    output.flush()?;
    Ok(ExitCode::from(u8::from(!all_valid)))
}

/// What tokens are judged by.
struct Judge {
    keys: JwkSet,
    policy: VerificationPolicy,
    now: Option<u64>,
}

impl Judge {
    /// A verdict a line. Whoever waits for an answer before asking again gets it: output is kept
    /// back only while there is more input at hand.
    fn lines(&self, input: impl Read, output: &mut impl Write) -> io::Result<bool> {
        let mut input = BufReader::new(input);
        let mut all_valid = true;
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line)? > 0 {
            let (valid, verdict) = self.verdict(without_final_line_feed(&line));
            all_valid &= valid;
            writeln!(output, "{}", output::json(&verdict))?;
            if input.buffer().is_empty() {
                output.flush()?;
            }
            line.clear();
        }
        Ok(all_valid)
    }

    fn verdict(&self, token: &[u8]) -> (bool, Value) {
        // Bytes that are no UTF-8 are no base64url either: the decoder names the fault.
        let token = String::from_utf8_lossy(token);
        let now = UnixTime::from_seconds(self.now.unwrap_or_else(time::now));
        match judge(&token, &self.keys, &self.policy, now) {
            Ok(claims) => (true, json!({ "valid": true, "claims": claims })),
            Err(refused) => (
                false,
                json!({ "valid": false, "code": refused.code(), "detail": refused.to_string() }),
            ),
        }
    }
}

fn without_final_line_feed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}
