use aws_lc_rs::{encoding::AsDer, rsa::KeySize, signature::RsaKeyPair};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{KeyId, SigningKey},
    jwt,
};
use serde::{Deserialize, Serialize};

pub(crate) const ISSUER: &str = "https://api.example.com";
pub(crate) const AUDIENCE: &str = "api";
pub(crate) const TYPE: &str = "at+jwt";
pub(crate) const ISSUED_AT: u64 = 1_800_000_000;
/// Far away: some of the contenders read the clock, and none may find the token expired.
pub(crate) const EXPIRES_AT: u64 = 4_000_000_000;

/// The eleven claims of a token as Bulla makes it, borrowed from the text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) sub: &'a str,
    pub(crate) aud: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    pub(crate) jti: &'a str,
    pub(crate) sid: &'a str,
    #[serde(rename = "gen")]
    pub(crate) generation: u64,
    pub(crate) scope: &'a str,
    pub(crate) plan: &'a str,
}

/// The same, owned: what libraries that cannot borrow must be asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OwnedClaims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) client_id: String,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    pub(crate) jti: String,
    pub(crate) sid: String,
    #[serde(rename = "gen")]
    pub(crate) generation: u64,
    pub(crate) scope: String,
    pub(crate) plan: String,
}

pub(crate) const CLAIMS: Claims<'static> = Claims {
    iss: ISSUER,
    sub: "usr_01JD8Z5K3W9Q4V7M2T6XAB",
    aud: AUDIENCE,
    client_id: "bulla",
    iat: ISSUED_AT,
    exp: EXPIRES_AT,
    jti: "3q2-796tvu_erb7v3q2-7w",
    sid: "ses_01JD8Z5K3W9Q4V7M2T6XCD",
    generation: 3,
    scope: "orders:read orders:write",
    plan: "free",
};

/// A key and a token of it, in what every contender can read.
pub(crate) struct Subject {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: SigningKey,
    pub(crate) private: Vec<u8>,
    pub(crate) token: String,
}

impl Subject {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let key = SigningKey::generate(algorithm).expect("a key");
        // 2048 bits are the least that RSA may have: there, what is not cryptography weighs most.
        let key = if algorithm == Algorithm::Rs256 {
            let small = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
            let der = small.as_der().expect("its DER");
            let key_id = KeyId::new(key.key_id().as_str()).expect("a key ID");
            SigningKey::from_private_bytes(algorithm, key_id, der.as_ref()).expect("a key")
        } else {
            key
        };
        let private = key.private_bytes().expect("the private half").to_vec();
        let token = jwt::sign(&key, TYPE, &CLAIMS).expect("a token");
        Self {
            algorithm,
            key,
            private,
            token,
        }
    }

    /// What is signed.
    pub(crate) fn signing_input(&self) -> &[u8] {
        let dot = self.token.rfind('.').expect("three parts");
        &self.token.as_bytes()[..dot]
    }

    /// The decoded signature.
    pub(crate) fn signature(&self) -> Vec<u8> {
        let (_, signature) = self.token.rsplit_once('.').expect("three parts");
        bulla_jose::base64url::decode(signature.as_bytes()).expect("base64url")
    }

    /// The private key as PKCS#8 PEM (RFC 7468 section 10); empty for a secret, which has none.
    pub(crate) fn pem(&self) -> String {
        self.key
            .to_pem()
            .map_or_else(|_| String::new(), |pem| pem.to_string())
    }
}
