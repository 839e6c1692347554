//! The bearer token of a request (RFC 6750 section 2).

use http::{HeaderMap, header::AUTHORIZATION};

use crate::{problem::Code, refusal::Refusal};

/// The token of the `Authorization` header; `None` without one, and for another scheme than
/// `Bearer`: that is no token at all (RFC 6750 section 3.1).
///
/// # Errors
/// `token_malformed` for more than one `Authorization`, and for what is no credential after
/// RFC 9110 section 11.4. Public routes ignore it.
pub fn from_authorization(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(malformed("more than one Authorization header"));
    }
    let Ok(credentials) = value.to_str() else {
        return Err(malformed("the Authorization header is not ASCII"));
    };
    let (scheme, rest) = credentials.split_once(' ').unwrap_or((credentials, ""));
    if scheme.is_empty() || !scheme.bytes().all(is_tchar) {
        return Err(malformed("the Authorization header has no scheme"));
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    well_formed(rest.trim_start_matches(' ')).map(Some)
}

/// The text, if it has the form of a token, wherever in a request it stood.
///
/// # Errors
/// `token_malformed` for what has not.
pub fn well_formed(text: &str) -> Result<&str, Refusal> {
    if is_b64token(text) {
        Ok(text)
    } else {
        Err(malformed("the credential is no well-formed token"))
    }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(Code::TokenMalformed, detail)
}

/// `b64token` of RFC 6750 section 2.1.
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| IN_B64TOKEN[byte as usize])
}

/// The bytes that `b64token` has: looked up, since every request brings hundreds.
const IN_B64TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(
            byte as u8,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/'
        );
        byte += 1;
    }
    table
};

/// `tchar` of RFC 9110 section 5.6.2.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
