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
    // No header has other control characters than a tab.
    let text = std::str::from_utf8(value.as_bytes()).ok();
    let Some(credentials) = text.filter(|text| text.is_ascii()) else {
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
    // No way out in between: so many bytes are looked at at once, and every request brings hundreds.
    let all = body.bytes().fold(true, |all, byte| all & in_b64token(byte));
    all && !body.is_empty()
}

fn in_b64token(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // Between `-` and `9` there are `.`, `/` and the other digits.
    let middle = byte.wrapping_sub(b'-') <= b'9' - b'-';
    letter | middle | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_these_bytes_and_no_others() {
        for byte in 0..=u8::MAX {
            let listed = byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            assert_eq!(in_b64token(byte), listed, "{byte:#x}");
        }
    }
}
