//! JSON Web Tokens (RFC 7519), verified as RFC 8725 advises: the signature first, then type, issuer, audience and time,
//! all of which a [`VerificationPolicy`] has to say.
//!
//! ```
//! use bulla_jose::{
//!     jwa::Algorithm,
//!     jwk::{JwkSet, SigningKey},
//!     jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
//! };
//! use serde_json::{Value, json};
//!
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let claims = json!({
//!     "iss": "https://login.example.com", "aud": "api", "sub": "usr_1", "exp": 1_900_000_000,
//! });
//! let token = jwt::sign(&key, "at+jwt", &claims)?;
//!
//! let keys = JwkSet::new(vec![key.verifying_key().clone()]);
//! let issuer = Issuer::new("https://login.example.com")?;
//! let audience = Audience::new("api")?;
//! let policy = VerificationPolicy::new(issuer, audience, &["at+jwt"], &[Algorithm::Es256]);
//! let now = UnixTime::from_seconds(1_800_000_000);
//! let verified = jwt::verify::<Value>(&token, &keys, &policy, now)?;
//! assert_eq!(verified.claims()["sub"], "usr_1");
//!
//! let late = UnixTime::from_seconds(1_900_000_000);
//! let refused = jwt::verify::<Value>(&token, &keys, &policy, late).unwrap_err();
//! assert_eq!(refused.code(), "token_expired");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod claims;
pub mod dangerous;
mod error;
mod parties;
mod policy;
mod sign;
mod time;
mod unverified;
mod verify;

pub use error::{ClaimProblem, SignError, TokenError};
pub use parties::{Audience, Issuer, NobodyNamed};
pub use policy::VerificationPolicy;
pub use sign::sign;
pub use time::UnixTime;
pub use unverified::UnverifiedJwt;
pub use verify::{Scratch, VerifiedJwt, verify, verify_in};
