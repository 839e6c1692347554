//! `POST /demo/encrypted/wrap` and `/read`: a token that its holder carries, and only the service reads.

use axum::{Json, extract::State};
use bulla_guard::problem::Code;
use bulla_jose::{
    jwa::ContentEncryption,
    jwe::{self, DecryptionError, DecryptionPolicy, EncryptionError},
};
use serde::{Deserialize, Serialize};

use super::{Demo, comparison::User};
use crate::edge::{json_body::JsonBody, refused::Refused, secret::SecretText};

const ENCRYPTION: ContentEncryption = ContentEncryption::A256Gcm;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    token: SecretText,
}

#[derive(Serialize)]
pub(super) struct Wrapped {
    /// A JWE with the signed token in it.
    token: String,
}

/// What the service makes of it.
#[derive(Serialize)]
pub(super) struct Opened {
    user: User,
}

/// Encrypts an access token that holds to the demo service's public key: `cty` is `JWT` (RFC 7519 section 5.2).
pub(super) async fn wrap(
    State(demo): State<Demo>,
    JsonBody(body): JsonBody<TokenBody>,
) -> Result<Json<Wrapped>, Refused> {
    let (issuer, token) = (&demo.issuer, body.token.expose());
    issuer.verifier().verify_own(token, issuer.unix_time())?;
    let recipient = demo.recipient.encryption_key();
    let token = jwe::encrypt(recipient, ENCRYPTION, Some("JWT"), token.as_bytes())?;
    Ok(Json(Wrapped { token }))
}

/// As a service does that has the private key: first it decrypts, then it verifies what was in it.
pub(super) async fn read(
    State(demo): State<Demo>,
    JsonBody(body): JsonBody<TokenBody>,
) -> Result<Json<Opened>, Refused> {
    let keys = std::slice::from_ref(&demo.recipient);
    let policy = DecryptionPolicy::new(&[ENCRYPTION]);
    let opened = jwe::decrypt(body.token.expose(), keys, &policy)?;
    // Bytes that are no text are no token either: verifying says so.
    let signed = String::from_utf8_lossy(opened.plaintext());
    let issuer = &demo.issuer;
    let verified = issuer.verifier().verify_own(&signed, issuer.unix_time())?;
    let user = User::from(&*verified);
    Ok(Json(Opened { user }))
}

impl From<DecryptionError> for Refused {
    fn from(error: DecryptionError) -> Self {
        let code = match error {
            DecryptionError::Failed => Code::TokenSignatureInvalid,
            DecryptionError::KeyUnknown { .. } => Code::TokenKeyUnknown,
            _ => Code::TokenMalformed,
        };
        Self::new(code, error.to_string())
    }
}

impl From<EncryptionError> for Refused {
    fn from(error: EncryptionError) -> Self {
        Self::new(Code::InternalError, error.to_string())
    }
}
