//! Forms that may carry a token (RFC 6750 section 2.2).

use bulla_guard::problem::Code;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRAILER, TRANSFER_ENCODING},
    request::Parts,
};
use http_body_util::BodyExt as _;

use super::{hop_by_hop, parameter};
use crate::{body::Inbound, forward::ForwardError, refused::Refused, settings::Timeouts};

/// Bytes that a form may have where a route looks for a token in it: as many as a head. It is held until it is whole,
/// before anybody knows whose it is.
pub(crate) const MAX_FORM_BYTES: u64 = 64 * 1024;

/// Whether the request sends a form in a way that could carry a token.
///
/// # Errors
/// It has several types, or `Connection` names what says how its body is read, which the target then does not get: the
/// target could take it for a form where this does not.
pub(crate) fn is_form(request: &Parts) -> Result<bool, Refused> {
    let mut types = request.headers.get_all(CONTENT_TYPE).into_iter();
    let first = types.next().map(HeaderValue::as_bytes);
    if types.next().is_some() {
        let detail = "there is more than one Content-Type";
        return Err(Refused::new(Code::RequestMalformed, detail));
    }
    let mut gone = hop_by_hop::named_by_connection(&request.headers);
    if gone.any(|name| [CONTENT_TYPE, CONTENT_ENCODING].contains(&name)) {
        let detail = "Connection names a header that belongs to the body";
        return Err(Refused::new(Code::RequestMalformed, detail));
    }
    let form = b"application/x-www-form-urlencoded";
    // Some frameworks end the type at a comma or a space.
    let essence = first.and_then(|value| value.split(|byte| b"; ,\t".contains(byte)).next());
    Ok(![Method::GET, Method::HEAD].contains(&request.method)
        && essence.is_some_and(|essence| essence.eq_ignore_ascii_case(form))
        && !is_encoded(&request.headers))
}

/// Whether the body must be decoded before it can be read.
fn is_encoded(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(CONTENT_ENCODING).into_iter();
    let mut codings = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    codings.any(|coding| {
        let coding = coding.trim_ascii();
        !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
    })
}

/// The whole form.
pub(crate) async fn gather(mut body: Box<Inbound>) -> Result<String, Refused> {
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
) -> Option<Box<Inbound>> {
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
            is_form(&request.body(()).unwrap().into_parts().0).ok()
        };
        let form = ("content-type", "application/x-www-form-urlencoded");
        let utf8 = (
            "content-type",
            "Application/X-WWW-Form-URLencoded ; charset=UTF-8",
        );
        let comma = ("content-type", "application/x-www-form-urlencoded, a/b");
        let coded = |coding| ("content-encoding", coding);
        for headers in [
            &[form][..],
            &[utf8],
            &[comma],
            &[form, coded("Identity")],
            &[form, coded("identity, identity"), coded("")],
        ] {
            assert_eq!(is("POST", headers), Some(true), "{headers:?}");
            assert_eq!(is("DELETE", headers), Some(true));
            assert_eq!(is("GET", headers), Some(false));
        }
        for headers in [
            &[][..],
            &[form, coded("gzip")],
            &[form, coded("identity, gzip")],
            &[form, coded("identity"), coded("br")],
            &[("content-type", "multipart/form-data")],
        ] {
            assert_eq!(is("POST", headers), Some(false), "{headers:?}");
        }
        assert_eq!(is("POST", &[form, form]), None);
        assert_eq!(is("POST", &[("content-type", "text/plain"), form]), None);
    }
}
