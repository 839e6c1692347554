//! Whom a request is addressed to.

use http::{
    HeaderValue, Request, Uri, Version,
    header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
};

use crate::{
    body::Body,
    steps::framing::Authority,
    target::{Protocol, Server},
};

/// Addresses a request to a server, in the form that its protocol has. It may have been addressed to another one before.
///
/// A plain upstream gets the host that the client asked for, as behind any other proxy. A TLS one gets its own: its
/// certificate and its virtual hosts go by that name.
pub(super) fn write(request: &mut Request<Body>, server: &Server, asked: Option<&Authority>) {
    let asked = asked.filter(|_| !server.address.is_tls());
    match server.protocol {
        Protocol::Http1 => {
            let host = match asked {
                Some(asked) => asked.header(),
                None => &server.host,
            };
            request.headers_mut().insert(HOST, host.clone());
            // Said outright: hyper drops a body of unknown length from a GET otherwise.
            if !http_body::Body::is_end_stream(request.body())
                && !request.headers().contains_key(CONTENT_LENGTH)
            {
                let chunked = HeaderValue::from_static("chunked");
                request.headers_mut().insert(TRANSFER_ENCODING, chunked);
            }
        }
        Protocol::Http2 => {
            request.headers_mut().remove(HOST);
            *request.version_mut() = Version::HTTP_2;
            let host = asked.map_or(server.address.authority.as_str(), Authority::as_str);
            if let Some(uri) = absolute(request.uri(), server, host) {
                *request.uri_mut() = uri;
            }
        }
    }
}

/// `None` only for what no URI can say, which no host is that [`Authority`] took.
fn absolute(uri: &Uri, server: &Server, host: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(server.address.scheme.clone());
    parts.authority = host.parse().ok();
    Uri::from_parts(parts).ok()
}
