//! What browsers know a gateway as.

use bulla_guard::client::CookieNames;

use super::WebOrigin;

/// Where a gateway's own pages come from, and what they keep.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The origins of its own pages: from them, and from those that a route lists itself, a cookie counts.
    pub origins: Vec<WebOrigin>,
    /// What the session's cookies are called.
    pub cookies: CookieNames,
}
