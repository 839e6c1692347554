//! `[[trusted_issuer]]`

use std::time::Duration;

use bulla_guard::issuer::{ClaimNames, ClaimPath};
use bulla_jose::{
    jwa::KeyManagement,
    jwt::{Audience, Issuer},
};

use super::{
    span::{DAY, SECOND, whole_seconds},
    tokens::algorithm,
};
use crate::config::{
    reader::{Mistake, Section, expected_instead, list, parsed, text},
    settings::{EncryptedTokens, TrustedIssuer},
    suggestion,
    tree::{Node, Value},
    values::parse_network,
};

/// What tokens are called that say so (RFC 9068 section 2.1).
const USUAL_TYPE: &str = "at+jwt";

/// The issuers, each with another name, and none with that of our own.
pub(super) fn trusted_issuers(top: &mut Section<'_>, own: &str) -> Vec<TrustedIssuer> {
    let mut names = vec![own.to_owned()];
    let mut issuers = Vec::new();
    for section in top.sections("trusted_issuer") {
        issuers.extend(trusted_issuer(section, &mut names));
    }
    issuers
}

/// `None` if something that has no default is missing or wrong.
fn trusted_issuer(mut section: Section<'_>, names: &mut Vec<String>) -> Option<TrustedIssuer> {
    let issuer = section.require("issuer", |node| other_than(node, names));
    section.needs("jwks");
    let jwks = section.written("jwks");
    let audience = section.require("audience", |node| {
        Audience::new(text(node)?).map_err(|nobody| Mistake::one(nobody.to_string(), None))
    });
    let types = section.read("typ", not_empty(text));
    let algorithms = section.require("algorithms", not_empty(algorithm));
    let leeway = section.read("leeway", whole_seconds(Duration::ZERO..=600 * SECOND));
    let max_age = section.read("jwks_max_age", whole_seconds(60 * SECOND..=30 * DAY));
    let addresses = section.read("jwks_addresses", list(parsed(parse_network)));
    let encrypted = encrypted_tokens(&mut section);
    let claims = claims(section.section("claims"));
    section.finish();
    let issuer = issuer?;
    names.push(issuer.to_string());
    Some(TrustedIssuer {
        issuer,
        jwks: jwks?,
        jwks_max_age: max_age.unwrap_or(DAY),
        jwks_addresses: addresses.unwrap_or_default(),
        audience: audience?,
        types: types.unwrap_or_else(|| vec![USUAL_TYPE.to_owned()]),
        algorithms: algorithms?,
        leeway: leeway.unwrap_or_default(),
        claims,
        encrypted,
    })
}

/// Two issuers of one name could not be told apart, nor one from ourselves.
fn other_than(node: &Node, names: &[String]) -> Result<Issuer, Vec<Mistake>> {
    let name = text(node)?;
    let message = match names.iter().position(|other| *other == name) {
        None => {
            let issuer = Issuer::new(name);
            return issuer.map_err(|nobody| Mistake::one(nobody.to_string(), None));
        }
        Some(0) => "is Bulla's own `tokens.issuer`, which need not be trusted",
        Some(_) => "there are two issuers of this name",
    };
    Err(Mistake::one(message, None))
}

fn encrypted_tokens(section: &mut Section<'_>) -> Option<EncryptedTokens> {
    if section.has("decryption_algorithm") && !section.has("decryption_key") {
        let message = "says nothing without `decryption_key`";
        section.problem("decryption_algorithm", message, None);
    }
    let key = section.written("decryption_key");
    let algorithm = section.read("decryption_algorithm", key_management);
    Some(EncryptedTokens {
        key: key?,
        algorithm,
    })
}

fn key_management(node: &Node) -> Result<KeyManagement, Vec<Mistake>> {
    let found = text(node)?;
    KeyManagement::from_jwk_name(&found).ok_or_else(|| {
        let names = KeyManagement::ALL.iter().map(|one| one.jwk_name());
        let message = format!(
            "expected a key management such as `RSA-OAEP-256` or `ECDH-ES+A256KW`, found `{found}`"
        );
        Mistake::one(
            message,
            suggestion::closest(&found, names).map(str::to_owned),
        )
    })
}

fn claims(mut section: Section<'_>) -> ClaimNames {
    let mut names = ClaimNames::default();
    for (key, place) in [
        ("subject", &mut names.subject),
        ("session", &mut names.session),
        ("client_id", &mut names.client_id),
        ("roles", &mut names.roles),
        ("scope", &mut names.scope),
        ("plan", &mut names.plan),
        ("anonymous", &mut names.anonymous),
    ] {
        if let Some(path) = section.read(key, claim_path) {
            *place = path;
        }
    }
    section.finish();
    names
}

/// A path with dots, or a list of names.
fn claim_path(node: &Node) -> Result<ClaimPath, Vec<Mistake>> {
    let path = match &node.value {
        Value::Array(_) => {
            let names = list(text)(node)?;
            ClaimPath::of(names.iter().map(String::as_str))
        }
        Value::Text(path) | Value::Overlay(path) => ClaimPath::parse(path),
        _ => return Err(expected_instead(node, "the name of a claim")),
    };
    path.map_err(|invalid| Mistake::one(format!("expected {invalid}"), None))
}

fn not_empty<T>(
    element: impl Fn(&Node) -> Result<T, Vec<Mistake>>,
) -> impl Fn(&Node) -> Result<Vec<T>, Vec<Mistake>> {
    let list = list(element);
    move |node| match list(node)? {
        some if !some.is_empty() => Ok(some),
        _ => Err(Mistake::one("must not be empty", None)),
    }
}
