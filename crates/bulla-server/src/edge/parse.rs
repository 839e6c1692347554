//! From the texts of a request to types that can only be valid; what is refused names its field.

use std::time::Duration;

use bulla_core::{
    account::{DisplayName, Email, LoginName, Password, Username},
    anonymous::puzzle::Nonce,
};
use bulla_guard::{
    client::{Cidr, InvalidCidr},
    problem::Code,
};

use super::{refused::Refused, secret::SecretText};

pub(crate) fn email(text: &str) -> Result<Email, Refused> {
    Email::parse(text).map_err(|error| Refused::field("email", error))
}

pub(crate) fn username(text: &str) -> Result<Username, Refused> {
    Username::parse(text).map_err(|error| Refused::field("username", error))
}

/// The name of whoever signs in: there are two ways to say one, and only one may be used.
pub(crate) fn login_name(
    by_email: Option<&str>,
    by_username: Option<&str>,
) -> Result<LoginName, Refused> {
    match (by_email, by_username) {
        (Some(text), None) => email(text).map(LoginName::Email),
        (None, Some(text)) => username(text).map(LoginName::Username),
        _ => Err(Refused::new(
            Code::FieldInvalid,
            "exactly one of `email` and `username` is needed",
        )),
    }
}

pub(crate) fn display_name(text: &str) -> Result<DisplayName, Refused> {
    DisplayName::parse(text).map_err(|error| Refused::field("name", error))
}

pub(crate) fn password(field: &str, text: &SecretText) -> Result<Password, Refused> {
    Password::new(text.expose()).map_err(|error| Refused::field(field, error))
}

pub(crate) fn nonces(numbers: &[u64]) -> Result<Vec<Nonce>, Refused> {
    let nonces = numbers.iter().map(|number| Nonce::new(*number));
    nonces
        .collect::<Result<_, _>>()
        .map_err(|error| Refused::field("nonces", error))
}

/// An address or a range of addresses.
pub(crate) fn prefix(text: &str) -> Result<Cidr, Refused> {
    text.parse().map_err(|error| {
        let reason = match error {
            InvalidCidr::BitsBeyondPrefix { meant } => format!("{error}; is {meant} meant?"),
            error => error.to_string(),
        };
        Refused::field("prefix", reason)
    })
}

/// Seconds for which an access token is asked; a token that is over at once is none.
pub(crate) fn expires_in(seconds: Option<u64>) -> Result<Option<Duration>, Refused> {
    match seconds {
        Some(0) => Err(Refused::field("expires_in", "is at least 1 second")),
        seconds => Ok(seconds.map(Duration::from_secs)),
    }
}
