//! `bulla keys generate`: a new key in a file of its own.

use std::{fs, path::PathBuf, process::ExitCode};

use bulla_jose::{jwa::Algorithm, jwk::SigningKey};
use serde_json::json;

use crate::commands::{Global, key_file};

const EXAMPLES: &str = "\
Examples:
  bulla keys generate --out key.pem --jwks keys.json
  bulla token mint --key key.pem --issuer I --audience A --subject S
  bulla keys generate --algorithm HS256 --out secret.json

The private key is a PKCS#8 PEM text, with a line before it that names the algorithm where the key would do several; a
secret (HS256, HS384, HS512) is a JWK. The JWK set is for who verifies:
public, but for a secret, which it holds. Files are readable for their owner alone, and none is ever overwritten.";

/// The flags of `bulla keys generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What the key signs with; RSA keys have 3072 bits
    #[arg(long, default_value = "ES256")]
    algorithm: Algorithm,
    /// The file for the private key
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A file for the JWK set that verifies its signatures
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
}

/// Makes the key.
///
/// # Errors
/// A file exists already or cannot be written.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let key = SigningKey::generate(args.algorithm)?;
    key_file::write_new(&args.out, &key_file::text(&key)?)?;
    if let Some(jwks) = &args.jwks {
        let written = key_file::write_new(jwks, &key_file::jwk_set(&key)?);
        // All or nothing: a key that no set verifies would be in the way of the next attempt.
        written.inspect_err(|_| drop(fs::remove_file(&args.out)))?;
    }
    let made = json!({
        "algorithm": key.algorithm(), "kid": key.key_id(), "private_key": args.out,
        "jwks": args.jwks, "public_jwk": key.verifying_key().public_jwk(),
    });
    global.output().print(&made, |_| {
        let mut text = format!(
            "Wrote {}: a key for {}, kid {}. Whoever reads it can sign.",
            args.out.display(),
            key.algorithm(),
            key.key_id()
        );
        if let Some(jwks) = &args.jwks {
            text.push_str(&format!(
                "\nWrote {}: what verifies its tokens.",
                jwks.display()
            ));
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
