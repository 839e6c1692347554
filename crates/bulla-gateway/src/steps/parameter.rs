//! The parameter `access_token` of a query or a form (RFC 6750 sections 2.2 and 2.3).

use std::borrow::Cow;

use bulla_guard::{bearer, problem::Code, refusal::Refusal};

const NAME: &str = "access_token";

/// The token among these parameters, decoded.
///
/// # Errors
/// 400 `request_malformed` for more than one; 401 `token_malformed` for what is no token.
pub(crate) fn token(parameters: &str) -> Result<Option<Cow<'_, str>>, Refusal> {
    let pairs = form_urlencoded::parse(parameters.as_bytes());
    let mut values = pairs
        .filter(|(name, _)| name == NAME)
        .map(|(_, value)| value);
    let Some(token) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        let detail = format!("there is more than one {NAME}");
        return Err(Refusal::new(Code::RequestMalformed, detail));
    }
    bearer::well_formed(&token)?;
    Ok(Some(token))
}

/// The parameters without the token, the others as they came. The name is compared decoded and without regard to case:
/// what some server would find must not be there.
pub(crate) fn without_token(parameters: &str) -> Cow<'_, str> {
    if !parameters.split('&').any(is_token) {
        return Cow::Borrowed(parameters);
    }
    let others: Vec<&str> = parameters
        .split('&')
        .filter(|pair| !is_token(pair))
        .collect();
    Cow::Owned(others.join("&"))
}

fn is_token(pair: &str) -> bool {
    let name = form_urlencoded::parse(pair.as_bytes()).next();
    name.is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_is_found() {
        let code = |parameters| token(parameters).map_err(|refusal| refusal.code);
        let found = |parameters| code(parameters).map(|token| token.map(Cow::into_owned));
        assert_eq!(found("a=1&access_token=x.y&b"), Ok(Some("x.y".to_owned())));
        assert_eq!(found("access%5Ftoken=x%2Ey"), Ok(Some("x.y".to_owned())));
        for none in [
            "",
            "a=1",
            "Access_Token=x",
            "access_tokens=x",
            "a=access_token",
        ] {
            assert_eq!(found(none), Ok(None), "{none}");
        }
        for twice in [
            "access_token=x&access_token=x",
            "access_token=x&access_token",
        ] {
            assert_eq!(found(twice), Err(Code::RequestMalformed), "{twice}");
        }
        for malformed in [
            "access_token=",
            "access_token",
            "access_token=a+b",
            "access_token=%00",
        ] {
            assert_eq!(found(malformed), Err(Code::TokenMalformed), "{malformed}");
        }
    }

    #[test]
    fn the_others_stay_as_they_came() {
        for (parameters, left) in [
            ("a=%7e&b&&c=+", "a=%7e&b&&c=+"),
            ("a=%7e&access_token=x&b", "a=%7e&b"),
            ("access%5ftoken=x&Access_Token=y&+access_token=z&a", "a"),
            ("access_token=x", ""),
            ("access_tokens=x", "access_tokens=x"),
        ] {
            assert_eq!(without_token(parameters), left);
        }
    }
}
