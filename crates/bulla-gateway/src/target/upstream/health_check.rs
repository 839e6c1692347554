//! What is asked of a server to see whether it does well.

use std::time::Duration;

use http::uri::PathAndQuery;

/// A `GET` that is answered with 2xx by a server that does well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    pub(crate) path: PathAndQuery,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
}

impl HealthCheck {
    /// Asks for this path, with its query, so often; the answer must begin within `timeout`.
    ///
    /// # Errors
    /// The path does not begin with `/` or has characters that no path has; one of the spans is zero.
    pub fn new(
        path: &str,
        interval: Duration,
        timeout: Duration,
    ) -> Result<Self, InvalidHealthCheck> {
        if interval.is_zero() || timeout.is_zero() {
            return Err(InvalidHealthCheck::NoTime);
        }
        let parsed = path.parse().ok().filter(|_| path.starts_with('/'));
        let path = parsed.ok_or_else(|| InvalidHealthCheck::Path(path.to_owned()))?;
        Ok(Self {
            path,
            interval,
            timeout,
        })
    }
}

/// A health check that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHealthCheck {
    /// The path is none.
    #[error("`{0}` is not a path such as /healthz")]
    Path(String),
    /// It would be asked without a pause, or have no time to answer.
    #[error("a health check needs an interval and a timeout")]
    NoTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_a_path_and_time() {
        let second = Duration::from_secs(1);
        for path in ["/", "/healthz", "/h?full=1"] {
            HealthCheck::new(path, second, second).unwrap();
        }
        for path in ["", "healthz", "http://a/healthz", "/a b", "?a", "*"] {
            let refused = HealthCheck::new(path, second, second).unwrap_err();
            assert_eq!(refused, InvalidHealthCheck::Path(path.to_owned()));
        }
        for (interval, timeout) in [(Duration::ZERO, second), (second, Duration::ZERO)] {
            let refused = HealthCheck::new("/", interval, timeout).unwrap_err();
            assert_eq!(refused, InvalidHealthCheck::NoTime);
        }
    }
}
