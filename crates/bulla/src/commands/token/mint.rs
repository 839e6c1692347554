//! `bulla token mint`: a token for a test, signed with a key from a file.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use bulla_core::ports::Entropy as _;
use bulla_jose::{
    base64url,
    json::{self, Limits},
    jwa::Algorithm,
    jwk::KeyId,
    jwt,
};
use bulla_server::issuer::OperatingSystemEntropy;
use serde_json::{Map, Value, json};

use super::time;
use crate::commands::{Global, acceptance::duration, key_file};

const EXAMPLES: &str = "\
Examples:
  bulla keys generate --out key.pem --jwks keys.json
  bulla token mint --key key.pem --issuer https://login.example --audience api --subject user-1
  bulla token mint --key key.pem --issuer I --audience A --subject S --claim roles='[\"admin\"]' --claim plan=pro
  bulla token mint --key key.pem --issuer I --audience A --subject S --now 1800000000 --expires-in 0s

For tests. No session stands behind such a token: nobody can refresh it, and only its expiry ends it.";

/// The flags of `bulla token mint`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The private key: a PEM text or a JWK, as `bulla keys generate` writes them
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What to sign with [default: what the key says, or the first that fits it]
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// The header `kid` [default: what the key says, or its thumbprint]
    #[arg(long)]
    kid: Option<KeyId>,
    /// The header `typ`
    #[arg(long, default_value = "at+jwt")]
    typ: String,
    /// The claim `iss`
    #[arg(long)]
    issuer: String,
    /// The claim `aud` (may be repeated)
    #[arg(long, required = true)]
    audience: Vec<String>,
    /// The claim `sub`
    #[arg(long)]
    subject: String,
    /// How long it is good for
    #[arg(long, default_value = "15m", value_name = "DURATION", value_parser = duration)]
    expires_in: Duration,
    /// Another claim: VALUE is JSON, or else a text (may be repeated; replaces what would be there)
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = claim)]
    claims: Vec<(String, Value)>,
    /// When it is issued, in seconds since 1970 [default: now]
    #[arg(long, value_name = "UNIX")]
    now: Option<u64>,
}

/// Prints the token.
///
/// # Errors
/// The key cannot be used, or the claims cannot be signed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let key = key_file::read(&args.key, args.algorithm, args.kid.clone())?;
    let claims = args.claims();
    let token = jwt::sign(&key, &args.typ, &claims).context("these claims cannot be signed")?;
    let minted = json!({ "token": token, "claims": claims });
    global.output().print(&minted, |_| token.clone())?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn claims(&self) -> Map<String, Value> {
        let now = self.now.unwrap_or_else(time::now);
        let audience = match self.audience.as_slice() {
            [one] => json!(one),
            several => json!(several),
        };
        let mut claims = Map::new();
        claims.insert("iss".into(), self.issuer.as_str().into());
        claims.insert("sub".into(), self.subject.as_str().into());
        claims.insert("aud".into(), audience);
        claims.insert("client_id".into(), "mint".into());
        claims.insert("iat".into(), now.into());
        let expires_at = now.saturating_add(self.expires_in.as_secs());
        claims.insert("exp".into(), expires_at.into());
        claims.insert("jti".into(), random_id().into());
        claims.extend(self.claims.iter().cloned());
        claims
    }
}

fn random_id() -> String {
    let mut bytes = [0; 16];
    OperatingSystemEntropy.fill(&mut bytes);
    base64url::encode(&bytes)
}

fn claim(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("not NAME=VALUE")?;
    let is_json = serde_json::from_str::<Value>(value).is_ok();
    let value = if is_json {
        json::from_slice(value.as_bytes(), Limits::CLAIMS).map_err(|error| error.to_string())?
    } else {
        Value::from(value)
    };
    Ok((name.to_owned(), value))
}
