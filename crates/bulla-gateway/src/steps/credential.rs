//! Where the token of a request is.

use std::borrow::Cow;

use bulla_guard::{bearer, client::CookieNames, problem::Code, refusal::Refusal};
use http::request::Parts;

use super::{cookies::access_token, hop_by_hop, parameter};
use crate::route::{CredentialPlace, CredentialPlaces};

/// A token, not verified yet.
pub(crate) struct Credential<'request> {
    pub(crate) token: Cow<'request, str>,
    pub(crate) place: CredentialPlace,
}

/// Finds the token in these places; `form` is the body, if the request sends a form, and `cookies` what ours are called.
///
/// A cookie counts only if no other token is there: browsers send it unasked.
///
/// # Errors
/// 401 `token_malformed` for what is no token; 400 `request_malformed` for tokens in more than one of the other places
/// (RFC 6750 section 3.1), or two in one.
pub(crate) fn find<'request>(
    request: &'request Parts,
    form: Option<&'request str>,
    places: CredentialPlaces,
    cookies: CookieNames,
) -> Result<Option<Credential<'request>>, Refusal> {
    use CredentialPlace::{Cookie, Form, Header, Query};
    let mut found = None;
    let mut add = |token: Option<Cow<'request, str>>, place| match token {
        Some(_) if found.is_some() => Err(Refusal::new(
            Code::RequestMalformed,
            "there is more than one token",
        )),
        Some(token) => {
            found = Some(Credential { token, place });
            Ok(())
        }
        None => Ok(()),
    };
    if places.contains(Header) {
        let token = bearer::from_authorization(&request.headers)?;
        add(token.map(Cow::Borrowed), Header)?;
    }
    if places.contains(Query)
        && let Some(query) = request.uri.query()
        && hop_by_hop::asks_for_websocket(request)
    {
        add(parameter::token(query)?, Query)?;
    }
    if places.contains(Form)
        && let Some(form) = form
    {
        add(parameter::token(form)?, Form)?;
    }
    if found.is_none() && places.contains(Cookie) {
        let token = access_token(&request.headers, cookies)?;
        return Ok(token.map(|token| Credential {
            token: Cow::Borrowed(token),
            place: Cookie,
        }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const BEARER: (&str, &str) = ("authorization", "Bearer h");
    const COOKIE: (&str, &str) = ("cookie", "__Host-bulla_access=c");
    const WEBSOCKET: [(&str, &str); 2] = [("connection", "upgrade"), ("upgrade", "websocket")];

    fn found(
        places: &[&str],
        target: &str,
        headers: &[(&str, &str)],
        form: Option<&str>,
    ) -> Result<Option<String>, Code> {
        let request = headers
            .iter()
            .fold(Request::get(target), |request, (name, value)| {
                request.header(*name, *value)
            });
        let request = request.body(()).unwrap().into_parts().0;
        let places = places
            .iter()
            .map(|place| CredentialPlace::parse(place).unwrap())
            .collect();
        let credential =
            find(&request, form, places, CookieNames::Host).map_err(|refusal| refusal.code)?;
        Ok(credential
            .map(|credential| format!("{} {}", credential.place.as_str(), credential.token)))
    }

    fn named(text: &str) -> Result<Option<String>, Code> {
        Ok(Some(text.to_owned()))
    }

    #[test]
    fn only_the_routes_places_count() {
        let websocket = [&WEBSOCKET[..], &[BEARER, COOKIE]].concat();
        let all = |place| {
            found(
                &[place],
                "/?access_token=q",
                &websocket,
                Some("access_token=f"),
            )
        };
        assert_eq!(all("header"), named("header h"));
        assert_eq!(all("cookie"), named("cookie c"));
        assert_eq!(all("query"), named("query q"));
        assert_eq!(all("form"), named("form f"));
    }

    #[test]
    fn a_cookie_gives_way_to_every_other_token_even_a_bad_one() {
        let usual = ["header", "cookie"];
        assert_eq!(
            found(&usual, "/", &[BEARER, COOKIE], None),
            named("header h")
        );
        assert_eq!(found(&usual, "/", &[COOKIE], None), named("cookie c"));
        let basic = ("authorization", "Basic YTpi");
        assert_eq!(
            found(&usual, "/", &[basic, COOKIE], None),
            named("cookie c")
        );
        let bad = ("authorization", "Bearer a b");
        assert_eq!(
            found(&usual, "/", &[bad, COOKIE], None),
            Err(Code::TokenMalformed)
        );
        let form = found(&["cookie", "form"], "/", &[COOKIE], Some("access_token=f"));
        assert_eq!(form, named("form f"));
    }

    #[test]
    fn two_tokens_of_which_none_is_a_cookie_are_refused() {
        let places = ["header", "cookie", "query", "form"];
        let query = [&WEBSOCKET[..], &[BEARER]].concat();
        let malformed = Err(Code::RequestMalformed);
        assert_eq!(found(&places, "/?access_token=h", &query, None), malformed);
        assert_eq!(
            found(&places, "/", &[BEARER], Some("access_token=h")),
            malformed
        );
        assert_eq!(
            found(&places, "/?a=1", &query, Some("a=1")),
            named("header h")
        );
    }

    #[test]
    fn a_query_counts_in_a_websocket_handshake_alone() {
        assert_eq!(found(&["query"], "/?access_token=q", &[], None), Ok(None));
        assert_eq!(
            found(&["query"], "/?access_token=q", &WEBSOCKET, None),
            named("query q")
        );
    }
}
