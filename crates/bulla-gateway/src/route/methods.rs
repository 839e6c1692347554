//! The methods a route answers.

use http::Method;

/// The methods a route answers.
///
/// `GET` includes `HEAD` (RFC 9110 section 9.1), unless another route of the same path lists `HEAD` itself. `CONNECT` and
/// `TRACE` are never among them: a reverse proxy opens no tunnels, and an echo of the request would show its identity
/// headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Methods(Option<Vec<Method>>);

impl Methods {
    /// Every method but `CONNECT` and `TRACE`.
    #[must_use]
    pub fn all() -> Self {
        Self(None)
    }

    /// These methods. They are case-sensitive (RFC 9110 section 9.1), so `get` is a mistake.
    ///
    /// # Errors
    /// The list is empty, or one is not a method that can be routed.
    pub fn parse<T: AsRef<str>>(names: &[T]) -> Result<Self, InvalidMethods> {
        if names.is_empty() {
            return Err(InvalidMethods::Empty);
        }
        names
            .iter()
            .map(|name| parse_one(name.as_ref()))
            .collect::<Result<_, _>>()
            .map(|list| Self(Some(list)))
    }

    /// Whether the method is answered because it is listed (or all are).
    pub(super) fn lists(&self, method: &Method) -> bool {
        match &self.0 {
            None => *method != Method::CONNECT && *method != Method::TRACE,
            Some(list) => list.contains(method),
        }
    }

    /// Whether the method is answered because another one is listed that includes it.
    pub(super) fn implies(&self, method: &Method) -> bool {
        *method == Method::HEAD && self.lists(&Method::GET)
    }

    /// The methods to name in `Allow`.
    pub(crate) fn allowed(&self) -> Vec<&str> {
        let Some(list) = &self.0 else {
            return vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        };
        let mut names: Vec<&str> = list.iter().map(Method::as_str).collect();
        if self.implies(&Method::HEAD) && !names.contains(&"HEAD") {
            names.push("HEAD");
        }
        names
    }

    /// Whether both answer some method because it is listed.
    pub(super) fn overlap(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(list), rest) | (rest, Some(list)) => {
                let rest = Self(rest.clone());
                list.iter().any(|method| rest.lists(method))
            }
        }
    }
}

/// A list that names no methods a route can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMethods {
    /// No method at all: the route could never be taken.
    #[error("the list of methods is empty; leave it out to allow all")]
    Empty,
    /// Not a method, or one that is never routed.
    #[error("`{0}` is not a method that can be routed (upper case; neither CONNECT nor TRACE)")]
    Unroutable(String),
}

fn parse_one(name: &str) -> Result<Method, InvalidMethods> {
    let refused = || InvalidMethods::Unroutable(name.to_owned());
    if name.bytes().any(|byte| byte.is_ascii_lowercase()) || ["CONNECT", "TRACE"].contains(&name) {
        return Err(refused());
    }
    Method::from_bytes(name.as_bytes()).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_includes_head() {
        let methods = Methods::parse(&["GET", "POST"]).unwrap();
        assert!(methods.lists(&Method::POST) && methods.implies(&Method::HEAD));
        assert!(!methods.lists(&Method::HEAD) && !methods.lists(&Method::DELETE));
        assert_eq!(methods.allowed(), ["GET", "POST", "HEAD"]);
    }

    #[test]
    fn all_leaves_out_connect_and_trace() {
        assert!(Methods::all().lists(&Method::from_bytes(b"PROPFIND").unwrap()));
        assert!(!Methods::all().lists(&Method::TRACE) && !Methods::all().lists(&Method::CONNECT));
    }

    #[test]
    fn refuses_what_cannot_be_routed() {
        assert_eq!(Methods::parse::<&str>(&[]), Err(InvalidMethods::Empty));
        for name in ["get", "TRACE", "CONNECT", "", "GET POST"] {
            assert_eq!(
                Methods::parse(&[name]),
                Err(InvalidMethods::Unroutable(name.to_owned()))
            );
        }
    }

    #[test]
    fn lists_overlap_when_they_share_a_method() {
        let read = Methods::parse(&["GET"]).unwrap();
        let write = Methods::parse(&["POST", "PUT"]).unwrap();
        assert!(!read.overlap(&write) && read.overlap(&read) && Methods::all().overlap(&write));
        assert!(!read.overlap(&Methods::parse(&["HEAD"]).unwrap()));
    }
}
