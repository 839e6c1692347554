//! The caller, as the gateway's headers tell.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use bulla_guard::problem::Code;

use crate::edge::refused::Refused;

/// Whoever the gateway let through.
pub(super) struct Visitor {
    /// `X-Bulla-Subject`
    pub(super) subject: String,
    /// `X-Bulla-Claim-Email`, if the route forwards it and the account has one.
    pub(super) email: Option<String>,
    /// `X-Bulla-Roles`
    pub(super) roles: Vec<String>,
    /// `X-Bulla-Plan`
    pub(super) plan: Option<String>,
    /// `X-Bulla-Anonymous`
    pub(super) anonymous: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let headers = &parts.headers;
        let subject = text(headers, "x-bulla-subject").ok_or_else(|| {
            Refused::new(
                Code::TokenMissing,
                "the gateway named nobody: is its route public?",
            )
        })?;
        Ok(Self {
            subject,
            email: text(headers, "x-bulla-claim-email"),
            roles: list(headers, "x-bulla-roles"),
            plan: text(headers, "x-bulla-plan"),
            anonymous: text(headers, "x-bulla-anonymous").as_deref() == Some("true"),
        })
    }
}

fn raw<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .filter(|text| !text.is_empty())
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    decoded(raw(headers, name)?)
}

fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    raw(headers, name)
        .into_iter()
        .flat_map(|list| list.split(','))
        .filter_map(decoded)
        .collect()
}

/// Undoes the gateway's percent-encoding; `None` for what it cannot have written.
fn decoded(element: &str) -> Option<String> {
    let mut pieces = element.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_as_they_were_before_the_gateway_wrote_them() {
        for (written, element) in [
            ("ada@example.com", Some("ada@example.com")),
            ("100%25 Zo%C3%AB", Some("100% Zoë")),
            ("a%2Cb", Some("a,b")),
            ("", Some("")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%FF", None),
        ] {
            assert_eq!(decoded(written).as_deref(), element, "{written}");
        }
    }
}
