//! `bulla keys import`.

use std::{io, path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};
use bulla_server::admin::{ImportKeyRequest, SecretText};
use http::Method;
use zeroize::Zeroizing;

use super::{Global, shown};
use crate::{admin_api::Absence, compose::environment, small_file};

const EXAMPLES: &str = "\
Examples:
  bulla keys import rsa.pem --now
  openssl genpkey -algorithm ed25519 | bulla keys import -
  bulla keys import secret.txt --algorithm HS256 --kid 2026 --now
  bulla keys import --env JWT_SECRET --algorithm HS256

A private key is a PEM text (PKCS#8, PKCS#1, SEC 1; not encrypted) or a JWK. With --algorithm HS256, HS384 or HS512 a text that is
neither is the secret itself, without the line feed at its end; it has 32, 48 or 64 bytes or more. Without --now the key is
published as the next one, and signs from the next rotation on. Set keys.rotate_every = \"off\" to keep it.";

/// The flags of `bulla keys import`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file with the key; `-`: standard input
    #[arg(value_name = "FILE", required_unless_present = "env")]
    file: Option<PathBuf>,
    /// The environment variable with the key, instead of a file
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    env: Option<String>,
    /// What it signs with [default: what it says itself, or the first that fits]
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// The ID of the key [default: what it says itself, or its thumbprint]
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    kid: Option<KeyId>,
    /// Sign with it at once; with PostgreSQL in a minute, when every issuer knows it
    #[arg(long)]
    now: bool,
}

/// Imports the key.
///
/// # Errors
/// There is no private key that can sign, or it is known.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let (key, from) = args.key()?;
    let request = ImportKeyRequest {
        key,
        algorithm: args.algorithm.map(|algorithm| algorithm.to_string()),
        kid: args.kid.as_ref().map(ToString::to_string),
        now: args.now,
    };
    let request = serde_json::to_value(request)?;
    let answer = global
        .administrate(Absence::Repaired, async |api| {
            api.call(Method::POST, "/admin/keys", Some(&request)).await
        })
        .with_context(|| format!("cannot import {from}"))?;
    global.output().print(&answer, shown)?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// The text, and where it is from.
    fn key(&self) -> anyhow::Result<(SecretText, String)> {
        let (text, from) = match (&self.file, &self.env) {
            (_, Some(name)) => (from_environment(name)?, format!("${name}")),
            (Some(file), None) if file.as_os_str() == "-" => {
                let read = small_file::read_from(io::stdin().lock());
                let read = read.context("standard input cannot be read")?;
                (text(&read)?, "standard input".to_owned())
            }
            (Some(file), None) => {
                let shown = file.display().to_string();
                let read = small_file::read(file)?;
                (text(&read).with_context(|| shown.clone())?, shown)
            }
            (None, None) => bail!("name a file, or a variable with --env"),
        };
        let key = text.strip_suffix('\n').unwrap_or(&text);
        Ok((SecretText::new(key.to_owned()), from))
    }
}

fn from_environment(name: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut variables = environment().into_iter();
    let found = variables.find(|(other, _)| other == name);
    let (_, text) = found.with_context(|| format!("there is no text in ${name}"))?;
    Ok(Zeroizing::new(text))
}

fn text(bytes: &[u8]) -> anyhow::Result<Zeroizing<String>> {
    let text = str::from_utf8(bytes).context(
        "not text: a key in DER is to be converted to PEM, and a secret of any bytes to a JWK",
    )?;
    Ok(Zeroizing::new(text.to_owned()))
}
