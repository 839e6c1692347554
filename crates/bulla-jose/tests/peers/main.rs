//! Tokens go both ways between this library and those of other languages: `PyJWT` and panva's `jose`.
//!
//! Each peer is a script that knows two commands. `make` prints a JSON line per algorithm, `{"algorithm","keys","token"}`,
//! signed with keys of its own. `verify` reads such lines and prints one each, `{"algorithm","valid","claims"}`; the line
//! of a token that it refuses has `"valid":false`. The scripts' libraries are installed under `target/`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test stands on fails the test by panicking, as the test itself does"
)]

mod install;
mod script;

use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
};
use serde_json::{Value, json};

use script::Script;

const NOW: u64 = 1_800_000_000;

#[test]
fn pyjwt_and_this_library_accept_each_other() {
    exchange(
        &Script::python(),
        &["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "Ed25519"],
    );
}

#[test]
fn panva_jose_and_this_library_accept_each_other() {
    // Node's own cryptography has ML-DSA from version 24 on; secp256k1 is in no browser, so jose does not do it.
    exchange(
        &Script::node(),
        &["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ES256K"],
    );
}

/// Every algorithm but those that the peer does not have.
fn exchange(peer: &Script, without: &[&str]) {
    let shared: Vec<Algorithm> = Algorithm::ALL
        .iter()
        .copied()
        .filter(|algorithm| !without.contains(&algorithm.as_str()))
        .collect();
    let ours: Vec<Value> = shared
        .iter()
        .map(|&algorithm| made_here(algorithm))
        .collect();
    let good = peer.verify(&ours);
    let damaged: Vec<Value> = ours.iter().map(altered).collect();
    let refused = peer.verify(&damaged);
    for (at, algorithm) in shared.iter().enumerate() {
        assert_eq!(good[at]["valid"], true, "{algorithm}: {}", good[at]);
        assert_eq!(good[at]["claims"], claims(), "{algorithm}");
        assert_eq!(refused[at]["valid"], false, "{algorithm}: {}", refused[at]);
    }
    let theirs = peer.make();
    for algorithm in shared {
        let line = theirs
            .iter()
            .find(|line| line["algorithm"] == algorithm.as_str());
        let line = line.unwrap_or_else(|| panic!("no token of theirs with {algorithm}"));
        assert_eq!(verified_here(line), Ok(claims()), "{algorithm}");
        let code = verified_here(&altered(line)).unwrap_err();
        assert_eq!(code, "token_signature_invalid", "{algorithm}");
    }
}

fn claims() -> Value {
    json!({
        "iss": "bulla", "aud": "api", "sub": "usr_1", "exp": 4_000_000_000_u64, "roles": ["admin"], "name": "Çelebi \"1\"",
    })
}

fn made_here(algorithm: Algorithm) -> Value {
    let key = SigningKey::generate(algorithm).unwrap();
    let jwk = key.verifying_key().public_jwk().unwrap_or_else(|| {
        let secret = base64url::encode(&key.private_bytes().unwrap());
        json!({ "kty": "oct", "k": secret, "alg": algorithm, "kid": key.key_id() })
    });
    let token = jwt::sign(&key, "JWT", &claims()).unwrap();
    json!({ "algorithm": algorithm, "keys": [jwk], "token": token })
}

fn verified_here(line: &Value) -> Result<Value, &'static str> {
    let algorithm: Algorithm = line["algorithm"].as_str().unwrap().parse().unwrap();
    let set = json!({ "keys": line["keys"] }).to_string();
    let keys = JwkSet::parse_with_secrets(set.as_bytes(), &[algorithm]).unwrap();
    assert_eq!(keys.skipped(), [], "{algorithm}");
    let policy = VerificationPolicy::new(
        Issuer::new("bulla").unwrap(),
        Audience::new("api").unwrap(),
        &["JWT"],
        &[algorithm],
    );
    let token = line["token"].as_str().unwrap();
    let verified = jwt::verify::<Value>(token, &keys, &policy, UnixTime::from_seconds(NOW));
    verified
        .map(jwt::VerifiedJwt::into_claims)
        .map_err(|error| error.code())
}

/// The same with another signature of the same length.
fn altered(line: &Value) -> Value {
    let token = line["token"].as_str().unwrap();
    let (start, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let mut line = line.clone();
    line["token"] = format!("{start}.{first}{}", &signature[1..]).into();
    line
}
