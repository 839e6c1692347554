//! Patterns of paths.

use std::fmt;

use crate::steps::canonical_path::canonicalize;

/// A pattern that paths are matched against, segment by segment.
///
/// - a literal matches itself, case included;
/// - `{name}` matches exactly one segment;
/// - `{*name}` (or `{*}`), only at the end, matches all that follow, and none: `/api/{*rest}` has `/api`, `/api/` and
///   `/api/a/b`. Were `/api` left to a wider route, it would escape the policy of `/api/{*rest}`.
///
/// A final `/` makes no difference, neither in a pattern nor in a request: most frameworks treat both alike, so
/// `/admin/` must not escape the policy of `/admin`. (It is forwarded as it came.)
///
/// Two patterns are equal if they match the same paths: the names of parameters and a final `/` make no difference.
#[derive(Debug, Clone)]
pub struct PathPattern {
    text: String,
    pub(super) segments: Vec<Segment>,
}

/// What a pattern says about one segment. Parameters have no names here: `/{a}` and `/{b}` match the same paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(String),
    Parameter,
    CatchAll,
}

impl PathPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// It does not start with `/`; a segment is empty, mixes text and parameters or is not in canonical form (no path
    /// could ever match it); a catch-all is not at the end; a name is used twice.
    pub fn parse(text: &str) -> Result<Self, InvalidPathPattern> {
        let rest = text
            .strip_prefix('/')
            .ok_or(InvalidPathPattern::NoLeadingSlash)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let mut segments = Vec::new();
        let mut names = Vec::new();
        let mut pieces = rest.split('/').peekable();
        while let Some(piece) = pieces.next().filter(|_| !rest.is_empty()) {
            let (segment, name) = parse_segment(piece)?;
            if segment == Segment::CatchAll && pieces.peek().is_some() {
                return Err(InvalidPathPattern::CatchAllNotLast);
            }
            if let Some(name) = name {
                if names.contains(&name) {
                    return Err(InvalidPathPattern::NameUsedTwice(name.to_owned()));
                }
                names.push(name);
            }
            segments.push(segment);
        }
        Ok(Self {
            text: text.to_owned(),
            segments,
        })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether every path that `other` matches is one that this pattern matches too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let mut others = other.segments.iter();
        for segment in &self.segments {
            let covered = match (segment, others.next()) {
                (Segment::CatchAll, _) => return true,
                (Segment::Parameter, Some(Segment::Literal(_) | Segment::Parameter)) => true,
                (Segment::Literal(own), Some(Segment::Literal(other))) => own == other,
                _ => false,
            };
            if !covered {
                return false;
            }
        }
        others.next().is_none()
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        self.segments == other.segments
    }
}

impl Eq for PathPattern {}

impl fmt::Display for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A text that is no path pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPathPattern {
    /// It does not start with `/`.
    #[error("a path starts with `/`")]
    NoLeadingSlash,
    /// A segment that no path in canonical form can have.
    #[error("`{0}` is not a segment of a path in canonical form")]
    NotCanonical(String),
    /// Braces that do not enclose a whole segment and a name.
    #[error("`{0}`: a parameter is a whole segment, `{{name}}` or `{{*name}}`")]
    Parameter(String),
    /// Something follows a `{*…}`.
    #[error("`{{*…}}` is the last segment")]
    CatchAllNotLast,
    /// Two parameters have the same name.
    #[error("the parameter name `{0}` is used twice")]
    NameUsedTwice(String),
}

fn parse_segment(piece: &str) -> Result<(Segment, Option<&str>), InvalidPathPattern> {
    if !piece.contains(['{', '}']) {
        let path = format!("/{piece}");
        if piece.is_empty() || canonicalize(&path).as_deref() != Ok(path.as_str()) {
            return Err(InvalidPathPattern::NotCanonical(piece.to_owned()));
        }
        return Ok((Segment::Literal(piece.to_owned()), None));
    }
    let refused = || InvalidPathPattern::Parameter(piece.to_owned());
    let inner = piece
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .ok_or_else(refused)?;
    let (segment, name) = match inner.strip_prefix('*') {
        Some("") => return Ok((Segment::CatchAll, None)),
        Some(name) => (Segment::CatchAll, name),
        None => (Segment::Parameter, inner),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(refused());
    }
    Ok((segment, Some(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_literals_parameters_and_a_catch_all() {
        let pattern = PathPattern::parse("/api/{id}/{*rest}").unwrap();
        assert_eq!(
            pattern.segments,
            [
                Segment::Literal("api".to_owned()),
                Segment::Parameter,
                Segment::CatchAll
            ]
        );
        assert!(PathPattern::parse("/").unwrap().segments.is_empty());
        assert_eq!(
            PathPattern::parse("/a/").unwrap().segments,
            PathPattern::parse("/a").unwrap().segments
        );
        assert_eq!(
            PathPattern::parse("/{*}").unwrap().segments,
            [Segment::CatchAll]
        );
    }

    #[test]
    fn refuses_what_could_never_match_or_is_ambiguous() {
        use InvalidPathPattern as E;
        for (text, expected) in [
            ("api", E::NoLeadingSlash),
            ("", E::NoLeadingSlash),
            ("/a//b", E::NotCanonical(String::new())),
            ("/a/../b", E::NotCanonical("..".to_owned())),
            ("/%61", E::NotCanonical("%61".to_owned())),
            ("/a;b", E::NotCanonical("a;b".to_owned())),
            ("/a{id}", E::Parameter("a{id}".to_owned())),
            ("/{}", E::Parameter("{}".to_owned())),
            ("/{a b}", E::Parameter("{a b}".to_owned())),
            ("/{*a}/b", E::CatchAllNotLast),
            ("/{a}/{a}", E::NameUsedTwice("a".to_owned())),
        ] {
            assert_eq!(PathPattern::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn patterns_of_the_same_paths_are_equal() {
        let pattern = |text| PathPattern::parse(text).unwrap();
        for (one, other) in [("/a/{x}", "/a/{y}"), ("/a/{*x}", "/a/{*}"), ("/a", "/a/")] {
            assert_eq!(pattern(one), pattern(other));
        }
        for (one, other) in [("/a/{x}", "/a/x"), ("/a/{x}", "/a/{*x}"), ("/a", "/A")] {
            assert_ne!(pattern(one), pattern(other));
        }
    }

    #[test]
    fn a_pattern_covers_what_has_no_path_of_its_own() {
        let covers = |one, other| {
            let pattern = |text| PathPattern::parse(text).unwrap();
            pattern(one).covers(&pattern(other))
        };
        for other in [
            "/auth",
            "/auth/",
            "/auth/login",
            "/auth/{a}/b",
            "/auth/{*rest}",
        ] {
            assert!(covers("/auth/{*rest}", other), "{other}");
        }
        for other in ["/", "/authors", "/{a}/login", "/{*rest}", "/api/auth"] {
            assert!(!covers("/auth/{*rest}", other), "{other}");
        }
        assert!(covers("/a/{id}", "/a/7") && covers("/a/{id}", "/a/{name}"));
        assert!(!covers("/a/{id}", "/a/7/b") && !covers("/a/{id}", "/a/{*b}"));
        assert!(covers("/a", "/a/") && !covers("/a", "/a/b") && !covers("/a/b", "/a"));
    }
}
