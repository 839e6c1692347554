//! Keys that Bulla and HAProxy share, and tokens signed with them.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{KeyId, SigningKey},
    jwt,
};
use serde_json::json;

use crate::process::now_milliseconds;

pub(super) const ISSUER: &str = "https://login.example";
pub(super) const AUDIENCE: &str = "api";

/// Of the length that SHA-256 asks for, and without characters that a configuration file would have to quote.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// An issuer with one key.
pub(super) struct Issuer {
    key: SigningKey,
    haproxy_key: String,
}

impl Issuer {
    /// An RSA key of 2048 bits, as most issuers have.
    pub(super) fn rs256(folder: &Path) -> Result<Self> {
        let [pem, der, public] = ["rsa.pem", "rsa.der", "rsa.pub"].map(|name| folder.join(name));
        openssl(&["genrsa", "-out"], &pem, &["2048"])?;
        let from = pem.display().to_string();
        openssl(
            &[
                "pkcs8", "-topk8", "-nocrypt", "-in", &from, "-outform", "DER", "-out",
            ],
            &der,
            &[],
        )?;
        openssl(&["rsa", "-in", &from, "-pubout", "-out"], &public, &[])?;
        Ok(Self {
            key: SigningKey::from_private_bytes(
                Algorithm::Rs256,
                KeyId::new("rsa")?,
                &fs::read(der)?,
            )?,
            haproxy_key: public.display().to_string(),
        })
    }

    pub(super) fn hs256() -> Result<Self> {
        let key_id = KeyId::new("hmac")?;
        Ok(Self {
            key: SigningKey::from_private_bytes(Algorithm::Hs256, key_id, SECRET.as_bytes())?,
            haproxy_key: SECRET.to_owned(),
        })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// A file's name, or the secret itself.
    pub(super) fn haproxy_key(&self) -> &str {
        &self.haproxy_key
    }

    pub(super) fn jwk_set(&self) -> String {
        let secret = base64url::encode(SECRET.as_bytes());
        let secret = json!({ "kty": "oct", "kid": "hmac", "alg": "HS256", "k": secret });
        let key = self.key.verifying_key().public_jwk().unwrap_or(secret);
        json!({ "keys": [key] }).to_string()
    }

    /// An access token with the claims that Bulla's own have.
    pub(super) fn token(&self, number: usize) -> Result<String> {
        let now = now_milliseconds()? / 1000;
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": format!("usr_{number:08}"), "client_id": "bulla", "iat": now,
            "exp": now + 3600, "jti": format!("tok_{number:08}"), "sid": format!("ses_{number:08}"), "gen": 1,
            "epoch": 0, "scope": "orders", "roles": ["user"], "plan": "free",
        });
        Ok(jwt::sign(&self.key, "at+jwt", &claims)?)
    }

    /// A file with so many different ones, a line each.
    pub(super) fn many(&self, folder: &Path, count: usize) -> Result<PathBuf> {
        let mut lines = String::new();
        for number in 0..count {
            writeln!(lines, "{}", self.token(number)?)?;
        }
        let path = folder.join(format!("{}.tokens", self.algorithm()));
        fs::write(&path, lines)?;
        Ok(path)
    }
}

fn openssl(arguments: &[&str], output: &Path, last: &[&str]) -> Result<()> {
    let mut command = Command::new("openssl");
    let done = command.args(arguments).arg(output).args(last).output();
    let done = done.context("openssl is missing: use bench/run")?;
    ensure!(
        done.status.success(),
        "openssl: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}
