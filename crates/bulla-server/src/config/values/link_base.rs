//! Where the links in letters lead: `https://app.example.com/account`.

use std::{fmt, str::FromStr};

use http::Uri;

use super::{HttpOrigin, InvalidValue};

/// `http://` or `https://` with a host and maybe a path: no query, fragment or user, for the end of a link follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkBase(String);

impl LinkBase {
    /// The pages that come with Bulla, at this origin.
    #[must_use]
    pub fn at(origin: &HttpOrigin) -> Self {
        Self(format!("{origin}/auth/link"))
    }
}

impl FromStr for LinkBase {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        parse(text).ok_or_else(|| {
            let expected = "a URL such as `https://app.example.com/account`, without `?` and `#`";
            InvalidValue::new(expected, None)
        })
    }
}

impl fmt::Display for LinkBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn parse(text: &str) -> Option<LinkBase> {
    let uri: Uri = text.parse().ok()?;
    let path = uri.path().trim_end_matches('/');
    // Whatever is there besides origin and path would be lost in this: then it is not the same text.
    let origin: HttpOrigin = text.strip_suffix(uri.path()).unwrap_or(text).parse().ok()?;
    let plain = path
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'));
    plain.then(|| LinkBase(format!("{origin}{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_with_and_without_a_path_are_read() {
        for (text, read) in [
            (
                "https://app.example.com/account",
                "https://app.example.com/account",
            ),
            (
                "https://app.example.com/a/b/",
                "https://app.example.com/a/b",
            ),
            ("http://localhost:5173/", "http://localhost:5173"),
        ] {
            assert_eq!(text.parse::<LinkBase>().unwrap().to_string(), read);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "app.example.com/account",
            "javascript:alert(1)",
            "https://user@app.example.com/a",
            "https://app.example.com/a?b=c",
            "https://app.example.com/a#b",
            "https://app.example.com/a b",
            "https://app.example.com/\"><script>",
        ] {
            assert!(text.parse::<LinkBase>().is_err(), "{text}");
        }
    }
}
