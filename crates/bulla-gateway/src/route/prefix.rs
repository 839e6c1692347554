//! The beginning of paths that a target does not know.

use http::HeaderValue;

use super::PathPattern;

/// A prefix of whole segments, such as `/api`, that is taken off before a request goes on. What is left of a canonical
/// path is canonical too, and never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPrefix {
    text: String,
    everything_under: PathPattern,
    header: HeaderValue,
}

impl PathPrefix {
    /// Parses a prefix: literal segments in canonical form, with no `/` at the end.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, InvalidPathPrefix> {
        let plain = text.len() > 1 && !text.ends_with('/') && !text.contains(['{', '}']);
        let everything_under = PathPattern::parse(&format!("{text}/{{*}}"));
        match (plain, everything_under, HeaderValue::from_str(text)) {
            (true, Ok(everything_under), Ok(header)) => Ok(Self {
                text: text.to_owned(),
                everything_under,
                header,
            }),
            _ => Err(InvalidPathPrefix),
        }
    }

    /// The prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether all paths of the pattern have it.
    #[must_use]
    pub fn leads(&self, pattern: &PathPattern) -> bool {
        self.everything_under.covers(pattern)
    }

    /// As `X-Forwarded-Prefix` has it.
    pub(crate) const fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// The canonical path without it.
    pub(crate) fn strip<'path>(&self, path: &'path str) -> &'path str {
        match path.strip_prefix(&self.text) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            // A route's pattern lies within its prefix, so this is never so.
            _ => path,
        }
    }
}

/// A text that is no prefix of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a prefix is literal segments in canonical form, such as `/api`, without a `/` at the end")]
pub struct InvalidPathPrefix;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments_are_taken_off() {
        let prefix = PathPrefix::parse("/api/v1").unwrap();
        for (path, left) in [
            ("/api/v1", "/"),
            ("/api/v1/", "/"),
            ("/api/v1/users/7", "/users/7"),
            ("/api/v1/api/v1", "/api/v1"),
            ("/api/v10", "/api/v10"),
        ] {
            assert_eq!(prefix.strip(path), left);
        }
    }

    #[test]
    fn it_leads_the_patterns_within() {
        let leads = |pattern| {
            let prefix = PathPrefix::parse("/api").unwrap();
            prefix.leads(&PathPattern::parse(pattern).unwrap())
        };
        for pattern in ["/api", "/api/", "/api/{*rest}", "/api/{id}/a"] {
            assert!(leads(pattern), "{pattern}");
        }
        for pattern in ["/{*rest}", "/{id}", "/apis", "/", "/a/api"] {
            assert!(!leads(pattern), "{pattern}");
        }
    }

    #[test]
    fn refuses_what_is_no_prefix() {
        for text in [
            "", "/", "api", "/api/", "/a//b", "/%61pi", "/a/../b", "/{id}", "/a;b",
        ] {
            assert_eq!(PathPrefix::parse(text), Err(InvalidPathPrefix), "{text}");
        }
    }
}
