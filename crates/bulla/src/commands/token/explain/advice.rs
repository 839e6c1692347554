//! What to do about a refusal.

use bulla_jose::{jwk::JwkSet, jws::Malformed, jwt::TokenError};

use crate::commands::token::{judge::Refused, time};

/// What happened, probably, and what to do about it.
pub(super) fn on(refused: &Refused, keys: &JwkSet, now: u64) -> String {
    match refused {
        Refused::Token(TokenError::KeyUnknown { key_id }) => on_unknown_key(key_id.as_deref(), keys),
        Refused::Token(error) => on_token(error, now),
        Refused::Principal(_) => {
            "it does not say who is asking as access tokens have to: that is to be mended at the issuer"
                .to_owned()
        }
    }
}

fn on_token(error: &TokenError, now: u64) -> String {
    match error {
        TokenError::Expired { expired_at, .. } => {
            let ago = time::distance(expired_at.as_seconds(), now);
            format!("expired {ago}: refresh, or log in again")
        }
        TokenError::NotYetValid { not_before, .. } => {
            let distance = time::distance(not_before.as_seconds(), now);
            format!(
                "valid {distance}: wait, or set the clocks right; --leeway forgives small differences"
            )
        }
        TokenError::Malformed(malformed) => on_malformed(malformed).to_owned(),
        other => on_content(other).to_owned(),
    }
}

fn on_unknown_key(key_id: Option<&str>, keys: &JwkSet) -> String {
    let mut skipped = keys.skipped().iter();
    let unused = skipped.find(|key| key_id.is_some() && key.key_id.as_deref() == key_id);
    match unused {
        Some(key) => format!("this set has the key, but it cannot be used: {}", key.reason),
        None => {
            "signed by a key that this set does not have: rotated, or another issuer? fetch the set again"
                .to_owned()
        }
    }
}

const fn on_malformed(malformed: &Malformed) -> &'static str {
    match malformed {
        Malformed::TooLong { .. } => {
            "too long: keep large data out of tokens, and name it by an ID"
        }
        Malformed::JsonSerialization => {
            "send the compact serialisation: three parts with dots between"
        }
        Malformed::Encrypted => "an encrypted token: its recipient has to decrypt it first",
        Malformed::Parts { .. } => {
            "no token, or a piece of one: was it cut or wrapped when it was copied?"
        }
        Malformed::Encoding(_) => {
            "damaged on its way, or altered: was it cut, wrapped or padded with `=`?"
        }
        _ => "written by software that does not follow the standards, or altered on purpose",
    }
}

const fn on_content(error: &TokenError) -> &'static str {
    match error {
        TokenError::SignatureInvalid { .. } => {
            "altered after signing, or signed by another key of the same name: do not trust a word of it"
        }
        TokenError::AlgorithmRefused { .. } => {
            "not what this key is for, or not accepted here: an attempt at confusion, unless --algorithms is too narrow"
        }
        TokenError::CriticalUnsupported { .. } => {
            "it demands what is not understood here, so it must be refused (RFC 7515 section 4.1.11)"
        }
        TokenError::TypeMismatch { .. } => {
            "a token of another kind, an ID token perhaps: send the access token, or name its type with --typ"
        }
        TokenError::IssuerMismatch { .. } => {
            "from somebody else: get a token from the right issuer; mind scheme, port and a slash at the end"
        }
        TokenError::AudienceMismatch { .. } => {
            "made for another service: ask the issuer for a token for this one"
        }
        TokenError::ClaimInvalid { .. } => {
            "the issuer left out or misspelt what every token must say: that is to be mended there"
        }
        _ => "",
    }
}
