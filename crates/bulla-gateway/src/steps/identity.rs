//! Telling the target who is asking.

use std::fmt::Write as _;

use bulla_guard::verified::Verified;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::route::ForwardedClaim;

const ISSUER: HeaderName = HeaderName::from_static("x-bulla-issuer");
const SUBJECT: HeaderName = HeaderName::from_static("x-bulla-subject");
const SESSION: HeaderName = HeaderName::from_static("x-bulla-session");
const ROLES: HeaderName = HeaderName::from_static("x-bulla-roles");
const SCOPE: HeaderName = HeaderName::from_static("x-bulla-scope");
const PLAN: HeaderName = HeaderName::from_static("x-bulla-plan");
const ANONYMOUS: HeaderName = HeaderName::from_static("x-bulla-anonymous");

const ALL: [HeaderName; 7] = [ISSUER, SUBJECT, SESSION, ROLES, SCOPE, PLAN, ANONYMOUS];

/// Writes the identity headers, as [`target`](crate::target) describes them. All that came from outside under such names
/// has been removed, so for nobody there are none.
pub(crate) fn write(headers: &mut HeaderMap, principal: &Verified, claims: &[ForwardedClaim]) {
    if !principal.is_own() {
        headers.insert(ISSUER, value([principal.issuer.as_str()], ""));
    }
    headers.insert(SUBJECT, value([principal.subject.as_str()], ""));
    if let Some(session) = &principal.session {
        headers.insert(SESSION, value([session.as_str()], ""));
    }
    headers.insert(
        ROLES,
        value(principal.roles.iter().map(String::as_str), ","),
    );
    headers.insert(
        SCOPE,
        value(principal.scopes.iter().map(String::as_str), " "),
    );
    if let Some(plan) = &principal.plan {
        headers.insert(PLAN, value([plan.as_str()], ""));
    }
    let anonymous = if principal.anonymous { "true" } else { "false" };
    headers.insert(ANONYMOUS, HeaderValue::from_static(anonymous));
    for claim in claims {
        match principal.claims.get(claim.claim()) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => {
                headers.insert(claim.header(), value([text.as_str()], ""));
            }
            Some(other) => {
                headers.insert(claim.header(), value([other.to_string().as_str()], ""));
            }
        }
    }
}

/// The identity headers as an answer carries them: all of them, empty where nothing is known, so that whoever copies
/// them overwrites what came from outside. `all_claims` are the headers of every route's claims.
pub(crate) fn in_answer(
    principal: Option<&Verified>,
    claims: &[ForwardedClaim],
    all_claims: &[HeaderName],
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in ALL.iter().chain(all_claims) {
        headers.insert(name, HeaderValue::from_static(""));
    }
    if let Some(principal) = principal {
        write(&mut headers, principal, claims);
    }
    headers
}

/// The elements, escaped and joined.
fn value<'text>(
    elements: impl IntoIterator<Item = &'text str>,
    separator: &'static str,
) -> HeaderValue {
    let mut elements = elements.into_iter();
    let (first, second) = (elements.next(), elements.next());
    if let (Some(only), None) = (first, second)
        && is_plain(only)
        && let Ok(value) = HeaderValue::from_str(only)
    {
        return value;
    }
    let elements = first.into_iter().chain(second).chain(elements);
    let mut joined = String::new();
    for (position, element) in elements.enumerate() {
        if position > 0 {
            joined.push_str(separator);
        }
        push_escaped(&mut joined, element, separator);
    }
    // Only printable ASCII is in it, so it always fits.
    HeaderValue::try_from(joined).unwrap_or(HeaderValue::from_static(""))
}

/// Whether nothing in it is escaped, whatever it stands between.
fn is_plain(element: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%' && byte != b',';
    element.bytes().all(plain)
}

fn push_escaped(joined: &mut String, element: &str, separator: &str) {
    let last = element.len().saturating_sub(1);
    for (position, byte) in element.bytes().enumerate() {
        let at_an_end = position == 0 || position == last;
        let plain = match byte {
            b'%' => false,
            b' ' => !at_an_end && separator != " ",
            b',' => separator != ",",
            other => other.is_ascii_graphic(),
        };
        if plain {
            joined.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(joined, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_apart_again() {
        for (elements, separator, expected) in [
            (vec!["admin", "editor"], ",", "admin,editor"),
            (vec!["a,b", "c d"], ",", "a%2Cb,c d"),
            (vec!["read", "a b,c"], " ", "read a%20b,c"),
            (vec!["100% Zoë\r\nX: 1"], "", "100%25 Zo%C3%AB%0D%0AX: 1"),
            (vec![" a "], "", "%20a%20"),
            (vec![], ",", ""),
        ] {
            assert_eq!(value(elements, separator), expected);
        }
    }
}
