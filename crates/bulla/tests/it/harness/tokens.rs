//! Tokens of an issuer that is not Bulla: a shared secret, known to the test.

use bulla_jose::{
    jwa::{Algorithm, ContentEncryption},
    jwe::nested,
    jwk::{EncryptionKey, KeyId, SigningKey},
    jwt,
};
use serde_json::{Value, json};

use super::{Folder, upstream::Upstream};

pub(crate) const ISSUER: &str = "https://login.example";
pub(crate) const AUDIENCE: &str = "orders";

/// An HS256 secret and its JWK set.
pub(crate) struct SharedSecret {
    key: SigningKey,
    bytes: [u8; 32],
}

impl SharedSecret {
    pub(crate) fn new() -> Self {
        let bytes = *b"0123456789abcdef0123456789abcdef";
        let key_id = KeyId::new("test-key").unwrap();
        let key = SigningKey::from_private_bytes(Algorithm::Hs256, key_id, &bytes).unwrap();
        Self { key, bytes }
    }

    /// A JWK set with the secret in it.
    pub(crate) fn jwk_set(&self) -> String {
        let secret = bulla_jose::base64url::encode(&self.bytes);
        json!({ "keys": [{ "kty": "oct", "kid": "test-key", "alg": "HS256", "k": secret }] })
            .to_string()
    }

    /// Claims of an access token that is good until `expires_at`.
    pub(crate) fn claims(&self, expires_at: u64) -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "client_id": "app", "iat": 1,
            "exp": expires_at, "jti": "t-1", "roles": ["buyer"], "plan": "pro", "scope": "orders",
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as("at+jwt", claims)
    }

    pub(crate) fn sign_as(&self, typ: &str, claims: &Value) -> String {
        jwt::sign(&self.key, typ, claims).unwrap()
    }

    /// Signed, then encrypted.
    pub(crate) fn encrypt(
        &self,
        claims: &Value,
        recipient: &EncryptionKey,
        encryption: ContentEncryption,
    ) -> String {
        nested::sign(&self.key, "at+jwt", claims, recipient, encryption).unwrap()
    }

    /// Writes the JWK set and names everything that `bulla gateway` must be told.
    pub(crate) fn gateway_flags(&self, folder: &Folder, upstream: &Upstream) -> Vec<String> {
        folder.write("keys.json", self.jwk_set());
        let url = upstream.url();
        [
            "--jwks",
            "keys.json",
            "--issuer",
            ISSUER,
            "--audience",
            AUDIENCE,
            "--upstream",
            &url,
        ]
        .map(str::to_owned)
        .to_vec()
    }
}
