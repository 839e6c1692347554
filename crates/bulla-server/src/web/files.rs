//! The files of the folder `web`, embedded: as they are, and compressed where that makes them smaller.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "web/"]
struct Files;

/// What is sent of a file, and by which tag it is known (RFC 9110, 8.8.3: another encoding has another tag).
pub(super) struct Representation {
    pub(super) bytes: Cow<'static, [u8]>,
    pub(super) tag: String,
    /// As `Content-Encoding`.
    pub(super) encoding: Option<&'static str>,
}

/// A file in the form that the client asks for; `None`: there is no such file.
pub(super) fn find(path: &str, request: &HeaderMap) -> Option<Representation> {
    let file = Files::get(path)?;
    let hash = hash(&file);
    Some(match compressed(path) {
        Some(bytes) if takes_gzip(request) => Representation {
            bytes: Cow::Borrowed(bytes),
            tag: format!("\"{hash}-gzip\""),
            encoding: Some("gzip"),
        },
        _ => Representation {
            bytes: file.data,
            tag: format!("\"{hash}\""),
            encoding: None,
        },
    })
}

fn hash(file: &EmbeddedFile) -> String {
    bulla_jose::base64url::encode(&file.metadata.sha256_hash()[..16])
}

/// Made by `build.rs`.
fn compressed(path: &str) -> Option<&'static [u8]> {
    include!(concat!(env!("OUT_DIR"), "/compressed.rs"))
}

/// Whether an `Accept-Encoding` names gzip, and not as what it does not want (RFC 9110, 12.5.3).
fn takes_gzip(request: &HeaderMap) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let names = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            names && !parts.any(is_zero)
        })
}

/// Whether a parameter is a weight of nothing: `q=0`, `q=0.0` …
fn is_zero(parameter: &str) -> bool {
    parameter
        .split_once('=')
        .is_some_and(|(name, weight)| name.eq_ignore_ascii_case("q") && weight.parse() == Ok(0.0))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::takes_gzip;

    #[test]
    fn gzip_is_sent_to_who_names_it() {
        for (accepted, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5, deflate", true),
            ("deflate, gzip ; q=1", true),
            ("", false),
            ("br", false),
            ("x-gzip", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000, br", false),
        ] {
            let value = HeaderValue::from_static(accepted);
            let request = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            assert_eq!(takes_gzip(&request), expected, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
