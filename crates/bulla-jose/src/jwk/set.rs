use serde_json::{Value, json};

use super::{JwkSetError, KeyError, VerifyingKey, members::Members};
use crate::{
    json::{self, Limits, Raw},
    jwa::Algorithm,
};

/// The keys that a verifier trusts (RFC 7517 section 5).
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<VerifyingKey>,
    /// Each once.
    algorithms: Vec<Algorithm>,
    skipped: Vec<SkippedKey>,
}

/// A key of a set that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its place in `keys`, from 0.
    pub index: usize,
    /// The beginning of its `kid`, if it could be read.
    pub key_id: Option<String>,
    /// Why it is not used.
    pub reason: KeyError,
}

impl JwkSet {
    /// A set with more keys is refused.
    pub const MAX_KEYS: usize = 1024;

    /// The set of these keys.
    #[must_use]
    pub fn new(keys: Vec<VerifyingKey>) -> Self {
        let mut set = Self::default();
        keys.into_iter().for_each(|key| set.add(key));
        set
    }

    /// Reads a set of public keys. A bad key is skipped and reported by [`JwkSet::skipped`]; a key with a secret in it
    /// (`oct`, or private members) is one, because whoever else has read the set could sign with it.
    ///
    /// A key that states no `alg` is bound to the first of `preferred` that it can do, or else as
    /// [`VerifyingKey::from_jwk`] says.
    ///
    /// # Errors
    /// [`JwkSetError`] if the document as a whole is no JWK set.
    pub fn parse(set: &[u8], preferred: &[Algorithm]) -> Result<Self, JwkSetError> {
        Self::read(set, |jwk| {
            if jwk.has_secrets() {
                return Err(KeyError::SecretRefused);
            }
            VerifyingKey::from_members(jwk, preferred)
        })
    }

    /// As [`JwkSet::parse`], but secrets are used: for a file of one's own that nobody else can read, never for what
    /// came over a network.
    ///
    /// # Errors
    /// As [`JwkSet::parse`].
    pub fn parse_with_secrets(set: &[u8], preferred: &[Algorithm]) -> Result<Self, JwkSetError> {
        Self::read(set, |jwk| VerifyingKey::from_members(jwk, preferred))
    }

    /// The keys that are used.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// What its keys are for.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The keys of the document that are not used, and why.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The document to publish: `{"keys":[…]}` with all public keys. HMAC secrets are left out.
    #[must_use]
    pub fn public_json(&self) -> String {
        let keys: Vec<Value> = self
            .keys
            .iter()
            .filter_map(VerifyingKey::public_jwk)
            .collect();
        json!({ "keys": keys }).to_string()
    }

    fn add(&mut self, key: VerifyingKey) {
        if !self.algorithms.contains(&key.algorithm()) {
            self.algorithms.push(key.algorithm());
        }
        self.keys.push(key);
    }

    fn read(
        set: &[u8],
        read_key: impl Fn(&Members<'_>) -> Result<VerifyingKey, KeyError>,
    ) -> Result<Self, JwkSetError> {
        let mut keys = Self::default();
        for (index, jwk) in elements_of_keys(set)?.into_iter().enumerate() {
            let members = match jwk {
                Raw::Object(jwk) => Members::read(jwk.as_bytes()),
                _ => Err(not_an_object()),
            };
            let key_id = members.as_ref().ok().and_then(Members::key_id_shown);
            match members.and_then(|members| read_key(&members)) {
                Ok(key) => keys.add(key),
                Err(reason) => keys.skipped.push(SkippedKey {
                    index,
                    key_id,
                    reason,
                }),
            }
        }
        Ok(keys)
    }
}

/// The elements of `keys`, not yet looked into: what is wrong inside one is that key's fault, not the set's.
fn elements_of_keys(set: &[u8]) -> Result<Vec<Raw<'_>>, JwkSetError> {
    let mut keys = None;
    json::members_of_envelope(set, "keys", Limits::DOCUMENT, &mut |name, value| {
        if name == *"keys" {
            keys = Some(value);
        }
    })?;
    let Raw::Array(array) = keys.ok_or(JwkSetError::KeysMissing)? else {
        return Err(JwkSetError::KeysInvalid);
    };
    let mut elements = Vec::new();
    json::elements(array, &mut |element| elements.push(element));
    if elements.len() > JwkSet::MAX_KEYS {
        return Err(JwkSetError::TooManyKeys {
            limit: JwkSet::MAX_KEYS,
            found: elements.len(),
        });
    }
    Ok(elements)
}

fn not_an_object() -> KeyError {
    KeyError::Json(json::InvalidJson {
        reason: json::Reason::Expected("an object"),
        offset: 0,
    })
}
