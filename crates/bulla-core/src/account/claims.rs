use serde_json::{Map, Value};

/// Custom claims that an administrator gives to an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomClaims(Map<String, Value>);

/// Why claims cannot be given to an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsRefused {
    /// The name means something to Bulla or to a standard.
    #[error("the claim \"{0}\" is reserved")]
    Reserved(String),
    /// The name is empty, longer than 128 bytes, or not printable ASCII without spaces.
    #[error("the name of a claim has 1 to 128 printable ASCII characters without spaces")]
    InvalidName,
    /// All of them together are too long for a token.
    #[error("custom claims have at most {} bytes of JSON", CustomClaims::MAX_BYTES)]
    TooLong,
    /// They are nested deeper than a verifier reads.
    #[error(
        "custom claims are nested at most {} levels deep",
        CustomClaims::MAX_DEPTH
    )]
    TooDeep,
}

impl CustomClaims {
    /// The most bytes as JSON: they go into every token, and tokens go into headers and cookies.
    pub const MAX_BYTES: usize = 2048;

    /// The most arrays and objects inside each other. Verifiers refuse deeply nested tokens.
    pub const MAX_DEPTH: usize = 16;

    /// Takes claims.
    ///
    /// # Errors
    /// [`ClaimsRefused`] for a reserved name, a bad name, or too many.
    pub fn new(claims: Map<String, Value>) -> Result<Self, ClaimsRefused> {
        for name in claims.keys() {
            if Self::is_reserved(name) {
                return Err(ClaimsRefused::Reserved(name.clone()));
            }
            let printable = name.bytes().all(|byte| byte.is_ascii_graphic());
            if name.is_empty() || name.len() > 128 || !printable {
                return Err(ClaimsRefused::InvalidName);
            }
        }
        if claims.values().any(|value| depth(value) > Self::MAX_DEPTH) {
            return Err(ClaimsRefused::TooDeep);
        }
        let claims = Self(claims);
        if claims.json_bytes() > Self::MAX_BYTES {
            return Err(ClaimsRefused::TooLong);
        }
        Ok(claims)
    }

    /// The claims of a stored account. A name that was reserved since is left out: it must not
    /// appear in a token twice, and must not make the account unreadable either.
    #[must_use]
    pub fn from_stored(mut claims: Map<String, Value>) -> Self {
        claims.retain(|name, _| !Self::is_reserved(name));
        Self(claims)
    }

    /// Whether a claim of this name could be taken for one that Bulla or a standard gives.
    #[must_use]
    pub fn is_reserved(name: &str) -> bool {
        RESERVED.contains(&name)
    }

    /// The claims.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The claims, taken out.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    fn json_bytes(&self) -> usize {
        serde_json::to_string(&self.0).map_or(usize::MAX, |json| json.len())
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The claims of an access token (RFC 9068 2.2 and our own), and those by which other standards
/// grant something: confirmation keys, actors, how somebody signed in.
const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "sid",
    "gen",
    "epoch",
    "scope",
    "roles",
    "plan",
    "name",
    "email",
    "username",
    "anon",
    "cnf",
    "act",
    "may_act",
    "acr",
    "amr",
    "auth_time",
    "azp",
    "nonce",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: &Value) -> Result<CustomClaims, ClaimsRefused> {
        CustomClaims::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn claims_of_ones_own_are_accepted() {
        let value = json!({"team_id": 7, "beta": true, "https://example.com/t": {"a": [1]}});
        let claims = claims(&value).unwrap();
        assert_eq!(Some(claims.as_map()), value.as_object());
        assert_eq!(CustomClaims::from_stored(claims.as_map().clone()), claims);
    }

    #[test]
    fn reserved_names_are_refused() {
        for name in RESERVED {
            let refused = claims(&json!({ *name: 1 })).unwrap_err();
            assert_eq!(refused, ClaimsRefused::Reserved((*name).to_owned()));
        }
    }

    #[test]
    fn a_name_that_was_reserved_later_is_left_out() {
        let stored = json!({"sub": "usr_admin", "roles": ["admin"], "team": 1});
        let read = CustomClaims::from_stored(stored.as_object().unwrap().clone());
        assert_eq!(read, claims(&json!({"team": 1})).unwrap());
    }

    #[test]
    fn bad_names_are_refused() {
        for name in ["", "a b", "ä", "a\n", &"x".repeat(129)] {
            assert_eq!(
                claims(&json!({ name: 1 })).unwrap_err(),
                ClaimsRefused::InvalidName
            );
        }
    }

    #[test]
    fn sixteen_levels_are_the_limit() {
        let nested = |levels: usize| {
            let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            serde_json::from_str::<Value>(&text).unwrap()
        };
        assert!(claims(&json!({"a": nested(16)})).is_ok());
        assert_eq!(
            claims(&json!({"a": nested(17)})).unwrap_err(),
            ClaimsRefused::TooDeep
        );
    }

    #[test]
    fn two_kibibytes_are_the_limit() {
        // {"a":"…"} is eight bytes around the text.
        assert!(claims(&json!({"a": "x".repeat(2040)})).is_ok());
        assert_eq!(
            claims(&json!({"a": "x".repeat(2041)})).unwrap_err(),
            ClaimsRefused::TooLong
        );
    }
}
