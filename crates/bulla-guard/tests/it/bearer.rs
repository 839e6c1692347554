use bulla_guard::{bearer::from_authorization, problem::Code};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

fn check(values: &[&[u8]], expected: Result<Option<&str>, Code>) {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
    }
    let found = from_authorization(&headers).map_err(|refusal| refusal.code);
    assert_eq!(found, expected, "{values:?}");
}

#[test]
fn the_token_after_bearer_is_found() {
    check(&[b"Bearer abc.def-_.~+/=="], Ok(Some("abc.def-_.~+/==")));
    check(&[b"bEARER abc"], Ok(Some("abc")));
    check(&[b"Bearer   abc"], Ok(Some("abc")));
}

#[test]
fn no_header_and_another_scheme_are_no_token() {
    check(&[], Ok(None));
    check(&[b"Basic YTpi"], Ok(None));
    check(&[b"Negotiate"], Ok(None));
}

#[test]
fn what_is_no_credential_is_malformed() {
    let malformed = Err(Code::TokenMalformed);
    for value in [
        b"Bearer".as_slice(),
        b"Bearer ",
        b"Bearer =",
        b"Bearer a b",
        b"Bearer a,b",
        b"Bearer a=b",
        b"Bearer\ta",
        b"Bearer \"a\"",
        b"Bearer a\xff",
        b" Bearer a",
        b"",
        b"Bear(er a",
    ] {
        check(&[value], malformed);
    }
}

#[test]
fn two_headers_are_malformed_even_if_they_agree() {
    check(&[b"Bearer a", b"Bearer a"], Err(Code::TokenMalformed));
    check(&[b"Basic YTpi", b"Bearer a"], Err(Code::TokenMalformed));
}
