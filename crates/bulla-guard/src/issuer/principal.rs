//! Who is asking, in another issuer's words.

use bulla_jose::jwt::VerifiedJwt;
use serde_json::Value;

use super::{ClaimNames, ClaimPath, Claims};
use crate::{
    principal::{Principal, missing, mistyped},
    refusal::Refusal,
};

/// Reads the claims of a token that holds, under these names. What only Bulla's accounts and sessions have (`epoch`, `gen`)
/// is not read: with another issuer it means something else.
pub(super) fn foreign(
    token: VerifiedJwt<Claims>,
    names: &ClaimNames,
) -> Result<Principal, Refusal> {
    let key_id = token.key_id().map(ToString::to_string);
    let (issued_at, expires_at) = (token.issued_at(), token.expires_at());
    let claims = token.into_claims();
    let plain = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let subject = subject(&claims, &names.subject)?.filter(|subject| !subject.is_empty());
    Ok(Principal {
        issuer: plain("iss").ok_or_else(|| missing("iss"))?,
        subject: subject.ok_or_else(|| missing(&names.subject.to_string()))?,
        session: text(&claims, &names.session)?,
        client_id: text(&claims, &names.client_id)?,
        roles: texts(&claims, &names.roles, |role| vec![role.to_owned()])?,
        scopes: texts(&claims, &names.scope, |scopes| {
            let scopes = scopes.split(' ').filter(|scope| !scope.is_empty());
            scopes.map(str::to_owned).collect()
        })?,
        plan: text(&claims, &names.plan)?,
        anonymous: flag(&claims, &names.anonymous)?,
        token_id: plain("jti"),
        key_id,
        epoch: None,
        generation: None,
        issued_at,
        expires_at,
        claims,
    })
}

/// What stands there; `null` counts as nothing.
fn find<'claims>(claims: &'claims Claims, path: &ClaimPath) -> Option<&'claims Value> {
    let (first, rest) = path.names().split_first()?;
    let found = rest
        .iter()
        .try_fold(claims.get(first)?, |value, name| value.get(name.as_str()))?;
    (!found.is_null()).then_some(found)
}

fn subject(claims: &Claims, path: &ClaimPath) -> Result<Option<String>, Refusal> {
    match find(claims, path) {
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        _ => text(claims, path),
    }
}

fn text(claims: &Claims, path: &ClaimPath) -> Result<Option<String>, Refusal> {
    match find(claims, path) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(mistyped(&path.to_string(), "a string")),
    }
}

fn texts(
    claims: &Claims,
    path: &ClaimPath,
    single: impl FnOnce(&str) -> Vec<String>,
) -> Result<Vec<String>, Refusal> {
    let wrong = || mistyped(&path.to_string(), "a string or an array of strings");
    match find(claims, path) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(single(text)),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        Some(_) => Err(wrong()),
    }
}

fn flag(claims: &Claims, path: &ClaimPath) -> Result<bool, Refusal> {
    match find(claims, path) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(mistyped(&path.to_string(), "true or false")),
    }
}
