//! The gateway's own cookies: read, and removed before a request goes on.

use bulla_guard::{
    bearer,
    client::{CookieNames, CookieToken},
    problem::Code,
    refusal::Refusal,
};
use http::{HeaderMap, HeaderValue, header::COOKIE};

/// The access token of its cookie. The cookie's name counts in this spelling alone: browsers keep others from setting it
/// only then.
///
/// # Errors
/// 401 `token_malformed` for more than one such cookie, and for what is no token.
pub(crate) fn access_token(
    headers: &HeaderMap,
    names: CookieNames,
) -> Result<Option<&str>, Refusal> {
    let value = only(headers, names.access(), Code::TokenMalformed)?;
    value.map(bearer::well_formed).transpose()
}

/// The refresh token of its cookie, whatever it is.
///
/// # Errors
/// 401 `refresh_invalid` for more than one such cookie.
pub(crate) fn refresh_token(
    headers: &HeaderMap,
    names: CookieNames,
) -> Result<Option<CookieToken>, Refusal> {
    let value = only(headers, names.refresh(), Code::RefreshInvalid)?;
    Ok(value.map(CookieToken::new))
}

/// The value of the only cookie of this name; nothing of a value that is no text.
fn only<'headers>(
    headers: &'headers HeaderMap,
    name: &str,
    otherwise: Code,
) -> Result<Option<&'headers str>, Refusal> {
    let lines = headers.get_all(COOKIE).into_iter();
    let mut values = lines.flat_map(pairs).filter_map(|pair| value(pair, name));
    let first = values.next();
    if values.next().is_some() {
        let detail = format!("there is more than one cookie {name}");
        return Err(Refusal::new(otherwise, detail));
    }
    Ok(first.map(|value| std::str::from_utf8(value).unwrap_or_default()))
}

fn value<'pair>(pair: &'pair [u8], name: &str) -> Option<&'pair [u8]> {
    let rest = pair.strip_prefix(name.as_bytes())?.trim_ascii_start();
    rest.strip_prefix(b"=").map(<[u8]>::trim_ascii_start)
}

/// Removes the session's two cookies and joins several `Cookie` lines, which HTTP/2 allows and HTTP/1.1 does not, into one
/// (RFC 9113 section 8.2.3). A target must see neither: what it needs to know, the identity headers say. Those with the
/// prefix go whatever they are called here: they stay in browsers when the configuration changes.
pub(crate) fn strip(headers: &mut HeaderMap, names: CookieNames) {
    let is_own = |pair: &[u8]| {
        [names, CookieNames::Host]
            .into_iter()
            .any(|names| is_one_of(names, pair))
    };
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
fn is_one_of(names: CookieNames, pair: &[u8]) -> bool {
    let name = pair
        .split(|byte| *byte == b'=')
        .next()
        .unwrap_or(pair)
        .trim_ascii();
    [names.access(), names.refresh()]
        .into_iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&'static str], expected: &[&str]) {
        check_with(CookieNames::Host, lines, expected);
    }

    fn check_with(names: CookieNames, lines: &[&'static str], expected: &[&str]) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        strip(&mut headers, names);
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
            let token =
                access_token(&headers, CookieNames::Host).map(|token| token.map(str::to_owned));
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

    #[test]
    fn on_plain_loopback_the_names_without_a_prefix_are_read_and_removed() {
        let names = CookieNames::PlainLoopback;
        let mut headers = HeaderMap::new();
        let both = "__Host-bulla_access=h; bulla_access=p; bulla_refresh=r; a=1";
        headers.insert(COOKIE, HeaderValue::from_static(both));
        assert_eq!(access_token(&headers, names), Ok(Some("p")));
        assert_eq!(access_token(&headers, CookieNames::Host), Ok(Some("h")));
        let refresh = refresh_token(&headers, names).unwrap();
        assert_eq!(refresh, Some(CookieToken::new("r")));
        check_with(names, &[both], &["a=1"]);
    }

    #[test]
    fn a_refresh_token_stands_alone_and_may_be_anything() {
        let read = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(line));
            let token = refresh_token(&headers, CookieNames::Host);
            token
                .map(|token| token.map(|token| token.expose().to_owned()))
                .map_err(|refusal| refusal.code)
        };
        assert_eq!(
            read("a=1; __Host-bulla_refresh=brt_x"),
            Ok(Some("brt_x".to_owned()))
        );
        assert_eq!(read("__Host-bulla_refresh=a b"), Ok(Some("a b".to_owned())));
        assert_eq!(read("__Host-bulla_access=x"), Ok(None));
        let two = read("__Host-bulla_refresh=x; __Host-bulla_refresh=x");
        assert_eq!(two, Err(Code::RefreshInvalid));
    }
}
