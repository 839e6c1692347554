//! Forms that may carry a token (RFC 6750 section 2.2).

use bulla_guard::problem::Code;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRAILER, TRANSFER_ENCODING},
    request::Parts,
};
use http_body_util::BodyExt as _;

use super::parameter;
use crate::{body::Inbound, forward::ForwardError, refused::Refused, settings::Timeouts};

/// Bytes that a form may have where a route looks for a token in it: as many as a head. It is held until it is whole,
/// before anybody knows whose it is.
pub(crate) const MAX_FORM_BYTES: u64 = 64 * 1024;

/// Whether the request sends a form in a way that could carry a token.
pub(crate) fn is_form(request: &Parts) -> bool {
    let mut types = request.headers.get_all(CONTENT_TYPE).into_iter();
    let only = types.next().filter(|_| types.next().is_none());
    let essence = only.and_then(|value| value.as_bytes().split(|byte| *byte == b';').next());
    let form = b"application/x-www-form-urlencoded";
    ![Method::GET, Method::HEAD].contains(&request.method)
        && !request.headers.contains_key(CONTENT_ENCODING)
        && essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(form))
}

/// The whole form.
pub(crate) async fn gather(mut body: Inbound) -> Result<String, Refused> {
    body.limit_time();
    let progress = body.progress();
    let gathered = body.collect().await.map_err(|_| {
        let theirs = progress.end().and_then(ForwardError::of_body);
        Refused::from(theirs.unwrap_or(ForwardError::ClientBroke))
    })?;
    let malformed = |_| Refused::new(Code::RequestMalformed, "the form is not UTF-8");
    String::from_utf8(gathered.to_bytes().into()).map_err(malformed)
}

/// The form as it goes on: without the token, and with its new length.
pub(crate) fn without_token(
    form: &str,
    headers: &mut HeaderMap,
    timeouts: &Timeouts,
) -> Option<Inbound> {
    let form = parameter::without_token(form).into_owned();
    headers.remove(TRANSFER_ENCODING);
    headers.remove(TRAILER);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(form.len()));
    (!form.is_empty()).then(|| Inbound::gathered(Bytes::from(form), timeouts))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn one_content_type_makes_a_form() {
        let is = |method: &str, headers: &[(&str, &str)]| {
            let request = Request::builder().method(method).uri("/");
            let request = headers.iter().fold(request, |request, (name, value)| {
                request.header(*name, *value)
            });
            is_form(&request.body(()).unwrap().into_parts().0)
        };
        let form = ("content-type", "application/x-www-form-urlencoded");
        let utf8 = (
            "content-type",
            "Application/X-WWW-Form-URLencoded ; charset=UTF-8",
        );
        assert!(is("POST", &[form]) && is("DELETE", &[utf8]));
        assert!(!is("GET", &[form]) && !is("POST", &[]) && !is("POST", &[form, form]));
        assert!(!is("POST", &[form, ("content-encoding", "gzip")]));
        assert!(!is("POST", &[("content-type", "multipart/form-data")]));
    }
}
