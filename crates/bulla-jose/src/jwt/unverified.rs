use std::fmt;

use serde::de::DeserializeOwned;

use super::{TokenError, claims::Claims, verify::read_claims};
use crate::{
    json::Names,
    jws::{Compact, Header, MAX_TOKEN_BYTES, Malformed, Part},
};

/// A token that was decoded and not verified: anybody could have written it. It grants nothing.
///
/// ```
/// use bulla_jose::jwt::UnverifiedJwt;
///
/// let jwt = UnverifiedJwt::decode("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")?;
/// assert_eq!(jwt.header().algorithm(), "none");
/// let claims: serde_json::Value = jwt.dangerous_claims_without_verification()?;
/// assert_eq!(claims["sub"], "admin", "says who?");
/// # Ok::<(), bulla_jose::jwt::TokenError>(())
/// ```
#[derive(Clone)]
pub struct UnverifiedJwt<'a> {
    token: &'a str,
    header: Header<'static>,
    header_json: String,
    payload: Vec<u8>,
}

impl<'a> UnverifiedJwt<'a> {
    /// Decodes a token of at most 16 KiB: three parts of canonical base64url, the first of them a JOSE header.
    ///
    /// # Errors
    /// [`TokenError::Malformed`].
    pub fn decode(token: &'a str) -> Result<Self, TokenError> {
        let compact = Compact::split(token, MAX_TOKEN_BYTES)?;
        let header_bytes = compact.decode_header()?;
        let header = Header::parse(&header_bytes, &mut Names::default())?.into_owned();
        compact.decode_signature()?;
        Ok(Self {
            token,
            header,
            header_json: String::from_utf8_lossy(&header_bytes).into_owned(),
            payload: compact.decode_payload()?,
        })
    }

    /// The token itself.
    #[must_use]
    pub const fn token(&self) -> &'a str {
        self.token
    }

    /// What the header says.
    #[must_use]
    pub const fn header(&self) -> &Header<'static> {
        &self.header
    }

    /// The header's JSON text, with the members too that nobody here understands.
    #[must_use]
    pub fn header_json(&self) -> &str {
        &self.header_json
    }

    /// What the payload says, to be shown to a person. Never decide anything by it.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] if the payload is not a strict JSON object, [`TokenError::ClaimInvalid`] if it does
    /// not fit `C`.
    pub fn dangerous_claims_without_verification<C: DeserializeOwned>(
        &self,
    ) -> Result<C, TokenError> {
        read_claims(self.read(&mut Claims::default())?)
    }

    /// Whom it says that it is for, `aud` (RFC 7519 section 4.1.3): to choose the audience to verify it by.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] if the payload is not a strict JSON object, [`TokenError::ClaimInvalid`] if `aud` is
    /// missing or neither a string nor an array of strings.
    pub fn dangerous_audiences_without_verification(&self) -> Result<Vec<String>, TokenError> {
        let mut claims = Claims::default();
        self.read(&mut claims)?;
        claims.audiences()
    }

    fn read<'s>(&'s self, claims: &mut Claims<'s>) -> Result<&'s str, TokenError> {
        let text = claims.read_text(&self.payload, &mut Names::default());
        Ok(text.map_err(|problem| Malformed::Json {
            part: Part::Payload,
            problem,
        })?)
    }
}

/// The token may be a good one, and whoever has it is its bearer.
impl fmt::Debug for UnverifiedJwt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJwt")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
