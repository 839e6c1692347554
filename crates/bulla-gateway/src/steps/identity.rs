//! Telling the target who is asking.

use std::fmt::Write as _;

use bulla_guard::verified::Verified;
use bytes::BytesMut;
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

/// Room for the values of most requests, so that all of them share one piece of memory.
const USUAL_BYTES: usize = 256;

/// Writes the identity headers, as [`target`](crate::target) describes them. All that came from outside under such names
/// has been removed, so for nobody there are none.
pub(crate) fn write(headers: &mut HeaderMap, principal: &Verified, claims: &[ForwardedClaim]) {
    let mut values = Values(BytesMut::with_capacity(USUAL_BYTES));
    if !principal.is_own() {
        headers.insert(ISSUER, values.text(&principal.issuer));
    }
    headers.insert(SUBJECT, values.text(&principal.subject));
    if let Some(session) = &principal.session {
        headers.insert(SESSION, values.text(session));
    }
    headers.insert(ROLES, values.list(&principal.roles, ","));
    headers.insert(SCOPE, values.list(&principal.scopes, " "));
    if let Some(plan) = &principal.plan {
        headers.insert(PLAN, values.text(plan));
    }
    let anonymous = if principal.anonymous { "true" } else { "false" };
    headers.insert(ANONYMOUS, HeaderValue::from_static(anonymous));
    for claim in claims {
        match principal.claims.get(claim.claim()) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => {
                headers.insert(claim.header(), values.text(text));
            }
            Some(other) => {
                headers.insert(claim.header(), values.text(&other.to_string()));
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

/// Makes values, one after the other in the same memory.
struct Values(BytesMut);

impl Values {
    /// The text, escaped.
    fn text(&mut self, text: &str) -> HeaderValue {
        self.push(text, "");
        self.take()
    }

    /// The elements, escaped and joined.
    fn list(&mut self, elements: &[String], separator: &'static str) -> HeaderValue {
        for (position, element) in elements.iter().enumerate() {
            if position > 0 {
                self.0.extend_from_slice(separator.as_bytes());
            }
            self.push(element, separator);
        }
        self.take()
    }

    fn take(&mut self) -> HeaderValue {
        // Only printable ASCII is in it, so it always fits.
        HeaderValue::from_maybe_shared(self.0.split().freeze())
            .unwrap_or(HeaderValue::from_static(""))
    }

    fn push(&mut self, element: &str, separator: &str) {
        let unescaped = |byte: u8| byte.is_ascii_graphic() && byte != b'%' && byte != b',';
        if element.bytes().all(unescaped) {
            return self.0.extend_from_slice(element.as_bytes());
        }
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
                self.0.extend_from_slice(&[byte]);
            } else {
                // Writing to memory cannot fail.
                let _ = write!(self.0, "%{byte:02X}");
            }
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
            (vec![], ",", ""),
        ] {
            let elements: Vec<_> = elements.into_iter().map(str::to_owned).collect();
            assert_eq!(values().list(&elements, separator), expected);
        }
    }

    #[test]
    fn a_text_is_escaped_where_a_header_could_not_have_it() {
        for (text, expected) in [
            ("usr_1", "usr_1"),
            ("a,b", "a,b"),
            ("100% Zoë\r\nX: 1", "100%25 Zo%C3%AB%0D%0AX: 1"),
            (" a ", "%20a%20"),
        ] {
            assert_eq!(values().text(text), expected);
        }
    }

    #[test]
    fn values_that_share_memory_stay_apart() {
        let mut values = values();
        let texts: Vec<_> = (0..99).map(|number| format!("text {number}")).collect();
        let made: Vec<_> = texts.iter().map(|text| values.text(text)).collect();
        assert_eq!(made, texts);
    }

    fn values() -> Values {
        Values(BytesMut::with_capacity(USUAL_BYTES))
    }
}
