//! Telling the target about the client.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{client::Client, framing::Authority};
use crate::route::PathPrefix;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Writes `X-Forwarded-For` (the client's address and nothing else), `-Host` and `-Proto`, and `-Prefix` for what the
/// path has lost. What the client wrote there has been removed.
pub(crate) fn write(
    headers: &mut HeaderMap,
    client: &Client,
    host: Option<&Authority>,
    prefix: Option<&PathPrefix>,
) {
    headers.insert(FORWARDED_FOR, client.text.clone());
    let scheme = if client.secure { "https" } else { "http" };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(scheme));
    if let Some(prefix) = prefix {
        headers.insert(FORWARDED_PREFIX, prefix.header().clone());
    }
    let host = client.asked_host.as_ref().or(host);
    if let Some(host) = host {
        headers.insert(FORWARDED_HOST, host.header().clone());
    }
}
