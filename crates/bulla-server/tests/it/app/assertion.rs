//! What a client signs to prove itself.

use aws_lc_rs::signature::Ed25519KeyPair;
use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt,
};
use serde_json::{Value, json};

use super::{Client, TestApp};

/// What there is one kind of.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client with a key.
pub(crate) struct KeyedClient {
    pub(crate) id: String,
    key: SigningKey,
}

/// These keys as the administrators' API takes them.
pub(crate) fn public_keys(keys: &[&SigningKey]) -> Value {
    let keys = keys.iter().map(|key| key.verifying_key().clone());
    serde_json::from_str(&JwkSet::new(keys.collect()).public_json()).unwrap()
}

impl TestApp {
    /// Makes a client that proves itself by a new key.
    pub(crate) async fn keyed_client(&self, name: &str, algorithm: Algorithm) -> KeyedClient {
        let key = SigningKey::generate(algorithm).unwrap();
        let wanted = json!({"name": name, "public_keys": public_keys(&[&key])});
        let Client { id, secret } = self.client_with(wanted).await;
        assert_eq!(secret, "", "it has no secret");
        KeyedClient { id, key }
    }
}

impl KeyedClient {
    /// Claims that are good once, for a minute.
    pub(crate) fn claims(&self, app: &TestApp) -> Value {
        let now = app.clock_seconds();
        json!({"iss": self.id, "sub": self.id, "aud": "https://api.example.com", "jti": app.issuer.now().as_millis().to_string(),
            "iat": now, "exp": now + 60})
    }

    /// The claims, signed as it should be.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as("JWT", claims)
    }

    pub(crate) fn sign_as(&self, typ: &str, claims: &Value) -> String {
        jwt::sign(&self.key, typ, claims).unwrap()
    }

    /// The claims under a header that says no more than it must. The key is one for Ed25519.
    pub(crate) fn sign_untyped(&self, claims: &Value) -> String {
        let header = format!("{{\"alg\":\"{}\"}}", self.key.algorithm());
        let parts = [header, claims.to_string()].map(|part| base64url::encode(part.as_bytes()));
        let signed = parts.join(".");
        let pair = Ed25519KeyPair::from_pkcs8(&self.key.private_bytes().unwrap()).unwrap();
        let signature = base64url::encode(pair.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }

    pub(crate) const fn key(&self) -> &SigningKey {
        &self.key
    }
}
