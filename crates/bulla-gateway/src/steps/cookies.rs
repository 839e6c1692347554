//! The gateway's own cookies: read, and removed before a request goes on.

use bulla_guard::{bearer, problem::Code, refusal::Refusal};
use http::{HeaderMap, HeaderValue, header::COOKIE};

const ACCESS: &str = "__Host-bulla_access";

/// The session's two cookies. A target must see neither: what it needs to know, the identity headers say.
const OWN: [&str; 2] = [ACCESS, "__Host-bulla_refresh"];

/// The access token of the cookie `__Host-bulla_access`. Its name counts in this spelling alone: browsers keep others
/// from setting it only then.
///
/// # Errors
/// 401 `token_malformed` for more than one such cookie, and for what is no token.
pub(crate) fn access_token(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let lines = headers.get_all(COOKIE).into_iter();
    let mut values = lines.flat_map(pairs).filter_map(access_value);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        let detail = format!("there is more than one cookie {ACCESS}");
        return Err(Refusal::new(Code::TokenMalformed, detail));
    }
    bearer::well_formed(std::str::from_utf8(value).unwrap_or_default()).map(Some)
}

fn access_value(pair: &[u8]) -> Option<&[u8]> {
    let rest = pair.strip_prefix(ACCESS.as_bytes())?.trim_ascii_start();
    rest.strip_prefix(b"=").map(<[u8]>::trim_ascii_start)
}

/// Removes both cookies and joins several `Cookie` lines, which HTTP/2 allows and HTTP/1.1 does not, into one (RFC 9113
/// section 8.2.3).
pub(crate) fn strip(headers: &mut HeaderMap) {
    let mut lines = headers.get_all(COOKIE).into_iter();
    let Some(first) = lines.next() else {
        return;
    };
    let single = lines.next().is_none();
    if single && !pairs(first).flat_map(pieces).any(is_own) {
        return;
    }
    let mut joined = Vec::new();
    for pair in headers.get_all(COOKIE).into_iter().flat_map(pairs) {
        let mut separator: &[u8] = b"; ";
        for piece in pieces(pair).filter(|piece| !is_own(piece)) {
            if !joined.is_empty() {
                joined.extend_from_slice(separator);
            }
            joined.extend_from_slice(piece);
            separator = b",";
        }
    }
    match HeaderValue::from_bytes(&joined) {
        Ok(value) if !joined.is_empty() => {
            headers.insert(COOKIE, value);
        }
        _ => {
            headers.remove(COOKIE);
        }
    }
}

fn pairs(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes()
        .split(|byte| *byte == b';')
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
}

/// A comma belongs to a value, but some servers end a pair at it (RFC 2965 section 3.3.4).
fn pieces(pair: &[u8]) -> impl Iterator<Item = &[u8]> {
    pair.split(|byte| *byte == b',')
}

/// Compares without regard to case: a server that reads cookie names that way must not find ours.
fn is_own(pair: &[u8]) -> bool {
    let name = pair
        .split(|byte| *byte == b'=')
        .next()
        .unwrap_or(pair)
        .trim_ascii();
    OWN.iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&'static str], expected: &[&str]) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        strip(&mut headers);
        let left: Vec<_> = headers
            .get_all(COOKIE)
            .into_iter()
            .map(|line| line.to_str().unwrap())
            .collect();
        assert_eq!(left, expected, "{lines:?}");
    }

    #[test]
    fn one_access_token_is_read() {
        let read = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            let token = access_token(&headers).map(|token| token.map(str::to_owned));
            token.map_err(|refusal| refusal.code)
        };
        let token = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(read(&["a=1; __Host-bulla_access=x.y; b"]), token("x.y"));
        assert_eq!(read(&["a=1", "__Host-bulla_access = x"]), token("x"));
        for none in [
            "a=1",
            "__Host-bulla_access",
            "__host-bulla_access=x",
            "__Host-bulla_access2=x",
            "a=1, __Host-bulla_access=x",
            "bulla_access=x",
        ] {
            assert_eq!(read(&[none]), Ok(None), "{none}");
        }
        let malformed = Err(Code::TokenMalformed);
        assert_eq!(read(&["__Host-bulla_access="]), malformed);
        assert_eq!(read(&["__Host-bulla_access=\"x\""]), malformed);
        assert_eq!(
            read(&["__Host-bulla_access=x; __Host-bulla_access=x"]),
            malformed
        );
        assert_eq!(
            read(&["__Host-bulla_access=x", "__Host-bulla_access="]),
            malformed
        );
    }

    #[test]
    fn others_pass_as_they_came() {
        check(&[], &[]);
        check(&["a=1;b=2"], &["a=1;b=2"]);
        check(&["a=1, 2,;b"], &["a=1, 2,;b"]);
        check(
            &["bulla_access=1; x__Host-bulla_access=2"],
            &["bulla_access=1; x__Host-bulla_access=2"],
        );
    }

    #[test]
    fn both_are_removed_wherever_they_stand() {
        check(&["__Host-bulla_access=t"], &[]);
        check(
            &["a=1; __Host-bulla_access=t; b=2;__Host-bulla_refresh=r"],
            &["a=1; b=2"],
        );
        check(&["__host-BULLA_access =t; a=1"], &["a=1"]);
        check(&["__Host-bulla_refresh; a=1"], &["a=1"]);
        check(&["a=1, 2, __Host-bulla_access=t; b=2"], &["a=1, 2; b=2"]);
        check(&["a=1,__Host-bulla_access=t, b=2,"], &["a=1, b=2,"]);
        check(&["__Host-bulla_access=t,a=1; b=2"], &["a=1; b=2"]);
        check(&["__Host-bulla_access=t,__Host-bulla_refresh=r"], &[]);
    }

    #[test]
    fn the_crumbs_of_http2_are_joined() {
        check(&["a=1", "__Host-bulla_access=t", "b=2"], &["a=1; b=2"]);
    }
}
