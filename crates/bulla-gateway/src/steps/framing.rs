//! Whether a request can be read in one way only.
//!
//! hyper refuses the rest before it gets here: two different `Content-Length`, a `Transfer-Encoding` that does not end
//! in `chunked`, folded lines, spaces before a colon, control characters, bad chunk sizes. Of `Content-Length` beside
//! `Transfer-Encoding` it keeps the latter, re-frames the body and closes the connection (RFC 9112 section 6.3).

use http::{
    HeaderMap, HeaderValue, Uri, Version,
    header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
    request::Parts,
    uri::Scheme,
};

use crate::route::HostName;

/// Header fields a request may have. hyper counts those of HTTP/1, we those of HTTP/2.
pub(crate) const MAX_HEADERS: usize = 100;

/// Bytes a request's head may have.
pub(crate) const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The host that a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    text: String,
    header: HeaderValue,
    host_end: usize,
}

impl Authority {
    /// The host, without a port.
    pub(crate) fn host(&self) -> &str {
        &self.text[..self.host_end]
    }

    /// The port, if there is one.
    pub(crate) fn port(&self) -> Option<u16> {
        self.text.get(self.host_end + 1..)?.parse().ok()
    }

    /// Host and port, as they came.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The same as a header has it.
    pub(crate) const fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// Parses a host and perhaps a port: no user, no empty host, a port of digits that is not 0.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of(&HeaderValue::from_str(text).ok()?)
    }

    /// Parses the value of a `Host` header.
    fn of(header: &HeaderValue) -> Option<Self> {
        let text = header.to_str().ok()?;
        let host_end = match text.rfind(':') {
            Some(colon) if !text.ends_with(']') => {
                text[colon + 1..]
                    .parse::<u16>()
                    .ok()
                    .filter(|port| *port != 0 && !text[colon + 1..].starts_with('+'))?;
                colon
            }
            _ => text.len(),
        };
        HostName::is_valid(&text[..host_end]).then(|| Self {
            text: text.to_owned(),
            header: header.clone(),
            host_end,
        })
    }
}

/// Why a request is not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadFraming {
    #[error("there are too many headers")]
    TooManyHeaders,
    #[error("there is no Host")]
    NoHost,
    #[error("there is more than one Host")]
    SeveralHosts,
    #[error("the Host is not a host name with an optional port")]
    InvalidHost,
    #[error("the Host is not the one of the request's target")]
    OtherHost,
    #[error("the request's target is neither a path nor a http or https URL")]
    OtherTarget,
    #[error("the request's target has a fragment where its path should be")]
    Fragment,
    #[error("there is more than one Authorization")]
    SeveralAuthorizations,
    #[error("the only Transfer-Encoding understood is `chunked`, once")]
    TransferEncoding,
    #[error("there is more than one Content-Length")]
    SeveralLengths,
}

/// The headers that framing is about, found in one pass over all of them.
#[derive(Default)]
struct Fields<'request> {
    host: Field<'request>,
    authorization: Field<'request>,
    content_length: Field<'request>,
    transfer_encoding: Field<'request>,
}

#[derive(Default)]
struct Field<'request> {
    first: Option<&'request HeaderValue>,
    several: bool,
}

impl<'request> Fields<'request> {
    fn of(headers: &'request HeaderMap) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            let field = match *name {
                HOST => &mut fields.host,
                AUTHORIZATION => &mut fields.authorization,
                CONTENT_LENGTH => &mut fields.content_length,
                TRANSFER_ENCODING => &mut fields.transfer_encoding,
                _ => continue,
            };
            field.several = field.first.is_some();
            field.first = field.first.or(Some(value));
        }
        fields
    }
}

/// Checks a request's framing; the host it is for, if it says so (HTTP/1.0 need not).
pub(crate) fn check(request: &Parts) -> Result<Option<Authority>, BadFraming> {
    let headers = &request.headers;
    if headers.len() > MAX_HEADERS {
        return Err(BadFraming::TooManyHeaders);
    }
    let fields = Fields::of(headers);
    if fields.authorization.several {
        return Err(BadFraming::SeveralAuthorizations);
    }
    if fields.content_length.several {
        return Err(BadFraming::SeveralLengths);
    }
    let encoding = fields.transfer_encoding;
    let chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    if encoding.several || !encoding.first.is_none_or(chunked) {
        return Err(BadFraming::TransferEncoding);
    }
    if request
        .uri
        .scheme()
        .is_some_and(|scheme| *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS)
    {
        return Err(BadFraming::OtherTarget);
    }
    if has_empty_path(&request.uri) {
        return Err(BadFraming::Fragment);
    }
    if fields.host.several {
        return Err(BadFraming::SeveralHosts);
    }
    authority(request, fields.host.first)
}

/// Whether nothing stands where the path should be: so is `http://a#b` parsed, which cuts fragments off. An empty path
/// calls itself `/`, and goes on as nothing at all.
fn has_empty_path(target: &Uri) -> bool {
    let absolute = target.scheme().is_some();
    let path = target.path_and_query().filter(|_| absolute);
    path.is_some_and(|path| Uri::from(path.clone()).path().is_empty())
}

fn authority(request: &Parts, host: Option<&HeaderValue>) -> Result<Option<Authority>, BadFraming> {
    let target = request.uri.authority().map(http::uri::Authority::as_str);
    let same =
        |target: &str, host: &HeaderValue| target.as_bytes().eq_ignore_ascii_case(host.as_bytes());
    let authority = match (target, host) {
        (Some(target), Some(host)) if !same(target, host) => {
            host.to_str().map_err(|_| BadFraming::InvalidHost)?;
            return Err(BadFraming::OtherHost);
        }
        (None, Some(host)) => Authority::of(host),
        (Some(target), Some(_)) => Authority::parse(target),
        // Only HTTP/2 carries the host in the target alone (RFC 9113 section 8.3.1).
        (Some(target), None) if request.version == Version::HTTP_2 => Authority::parse(target),
        (None, None) if request.version == Version::HTTP_10 => return Ok(None),
        (_, None) => return Err(BadFraming::NoHost),
    };
    authority.map(Some).ok_or(BadFraming::InvalidHost)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn check_request(
        version: Version,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Result<Option<String>, BadFraming> {
        let request = Request::get(target).version(version);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let checked = check(&request.body(()).unwrap().into_parts().0)?;
        Ok(checked.map(|authority| authority.host().to_owned()))
    }

    #[test]
    fn one_host_that_matches_the_target() {
        let v11 = |target, headers: &[_]| check_request(Version::HTTP_11, target, headers);
        assert_eq!(
            v11("/", &[("host", "a.example:80")]),
            Ok(Some("a.example".to_owned()))
        );
        assert_eq!(
            v11("/", &[("host", "[::1]:80")]),
            Ok(Some("[::1]".to_owned()))
        );
        assert_eq!(
            v11("http://A.example/", &[("host", "a.example")]),
            Ok(Some("A.example".to_owned()))
        );
        assert_eq!(
            v11("http://a.example/", &[("host", "b.example")]),
            Err(BadFraming::OtherHost)
        );
        assert_eq!(v11("http://a.example/", &[]), Err(BadFraming::NoHost));
        assert_eq!(
            v11("ftp://a.example/", &[("host", "a.example")]),
            Err(BadFraming::OtherTarget)
        );
        assert_eq!(
            v11("http://a.example#b", &[("host", "a.example")]),
            Err(BadFraming::Fragment)
        );
        for target in ["http://a.example", "http://a.example?b"] {
            assert!(v11(target, &[("host", "a.example")]).is_ok(), "{target}");
        }
        assert_eq!(
            v11("/", &[("host", "a"), ("host", "a")]),
            Err(BadFraming::SeveralHosts)
        );
        for host in [
            "", "a b", "u@a", "..", "a..b", "-", "a:", "a:0", "a:00", "a:+8", "a:99999", "a/b",
            "a,b", "[::1", "::1", "%61",
        ] {
            assert_eq!(
                v11("/", &[("host", host)]),
                Err(BadFraming::InvalidHost),
                "{host}"
            );
        }
    }

    #[test]
    fn http10_may_leave_the_host_out_and_http2_has_it_in_the_target() {
        assert_eq!(check_request(Version::HTTP_10, "/", &[]), Ok(None));
        assert_eq!(
            check_request(Version::HTTP_2, "http://a/", &[]),
            Ok(Some("a".to_owned()))
        );
        assert_eq!(
            check_request(Version::HTTP_2, "http://a/", &[("host", "b")]),
            Err(BadFraming::OtherHost)
        );
    }

    #[test]
    fn one_authorization_and_only_chunked() {
        let with = |headers: &[(&str, &str)]| {
            check_request(Version::HTTP_11, "/", &[&[("host", "a")], headers].concat()).map(|_| ())
        };
        assert_eq!(
            with(&[("authorization", "a"), ("transfer-encoding", "Chunked")]),
            Ok(())
        );
        assert_eq!(
            with(&[("authorization", "a"), ("authorization", "a")]),
            Err(BadFraming::SeveralAuthorizations)
        );
        assert_eq!(
            with(&[("content-length", "1"), ("content-length", "1")]),
            Err(BadFraming::SeveralLengths)
        );
        assert_eq!(
            with(&[("transfer-encoding", "gzip, chunked")]),
            Err(BadFraming::TransferEncoding)
        );
        let twice = [
            ("transfer-encoding", "chunked"),
            ("transfer-encoding", "chunked"),
        ];
        assert_eq!(with(&twice), Err(BadFraming::TransferEncoding));
    }

    #[test]
    fn a_hundred_headers_and_no_more() {
        let mut headers = vec![("host", "a")];
        headers.resize(MAX_HEADERS, ("x", "1"));
        assert!(check_request(Version::HTTP_2, "/", &headers).is_ok());
        headers.push(("x", "1"));
        assert_eq!(
            check_request(Version::HTTP_2, "/", &headers),
            Err(BadFraming::TooManyHeaders)
        );
    }
}
