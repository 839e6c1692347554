use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{JwkSet, KeyError, KeyId, SigningKey, VerifyingKey},
    jws,
    jwt::{self, Scratch, UnixTime, UnverifiedJwt},
};
use serde_json::Value;

use crate::{forge::policy, jwt::key_of};

#[test]
fn the_private_half_of_every_algorithm_can_be_kept_and_read_back() {
    for &algorithm in Algorithm::ALL {
        let key = key_of(algorithm);
        let bytes = key.private_bytes().unwrap();
        let read = SigningKey::from_private_bytes(algorithm, key.key_id().clone(), &bytes).unwrap();
        assert_eq!(read.key_id(), key.key_id());
        let token = jws::sign(&read, "JWT", b"kept").unwrap();
        let keys = JwkSet::new(vec![key.verifying_key().clone()]);
        let verified = jws::verify(&token, &keys, &[algorithm]).unwrap();
        assert_eq!(verified.payload(), b"kept", "{algorithm}");
    }
}

#[test]
fn the_public_half_of_every_algorithm_can_be_published_and_read_back() {
    for &algorithm in Algorithm::ALL {
        let key = key_of(algorithm);
        let Some(jwk) = key.verifying_key().public_jwk() else {
            assert!(algorithm.is_symmetric());
            continue;
        };
        let read = VerifyingKey::from_jwk(jwk.to_string().as_bytes()).unwrap();
        assert_eq!(read.algorithm(), algorithm);
        assert_eq!(read.key_id(), Some(key.key_id()));
        assert_eq!(read.thumbprint(), key.verifying_key().thumbprint());
        let token = jws::sign(key, "JWT", b"published").unwrap();
        let verified = jws::verify(&token, &JwkSet::new(vec![read]), &[algorithm]).unwrap();
        assert_eq!(verified.payload(), b"published", "{algorithm}");
    }
}

#[test]
fn a_published_key_has_the_members_of_its_standard() {
    let members = |algorithm| {
        let jwk = key_of(algorithm).verifying_key().public_jwk().unwrap();
        let mut names: Vec<String> = jwk.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(members(Algorithm::Es256), "alg crv kid kty use x y");
    assert_eq!(members(Algorithm::EdDsa), "alg crv kid kty use x");
    assert_eq!(members(Algorithm::Rs256), "alg e kid kty n use");
    assert_eq!(members(Algorithm::MlDsa44), "alg kid kty pub use");
}

#[test]
fn a_published_set_holds_the_public_keys_and_no_secret() {
    let keys = [Algorithm::Es256, Algorithm::Hs256, Algorithm::EdDsa].map(key_of);
    let set = JwkSet::new(keys.map(|key| key.verifying_key().clone()).to_vec());
    let json = set.public_json();
    for key in keys {
        let is_published = json.contains(key.key_id().as_str());
        assert_eq!(is_published, !key.algorithm().is_symmetric());
        let private = key.private_bytes().unwrap();
        assert!(!json.contains(&base64url::encode(&private)));
    }
    let read = JwkSet::parse(json.as_bytes(), &[]).unwrap();
    assert_eq!(read.keys().len(), 2);
    assert_eq!(read.skipped(), []);
}

#[test]
fn a_private_key_can_be_kept_as_pem_and_a_secret_cannot() {
    for &algorithm in Algorithm::ALL {
        let key = key_of(algorithm);
        if algorithm.is_symmetric() {
            assert_eq!(key.to_pem().unwrap_err(), KeyError::SecretHasNoPem);
            continue;
        }
        let pem = key.to_pem().unwrap();
        let lines: Vec<_> = pem.lines().collect();
        let [first, body @ .., last] = lines.as_slice() else {
            panic!("{} lines", lines.len());
        };
        assert_eq!(
            (*first, *last),
            ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")
        );
        let (end, whole) = body.split_last().unwrap();
        assert!(whole.iter().all(|line| line.len() == 64) && end.len() <= 64);
        let read = SigningKey::from_pem(algorithm, None, pem.as_bytes()).unwrap();
        assert_eq!(read.key_id(), key.key_id(), "{algorithm}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let secret = b"swordfish swordfish swordfish swordfish";
    let id = KeyId::new("k1").unwrap();
    let key = SigningKey::from_private_bytes(Algorithm::Hs256, id, secret).unwrap();
    let shown = format!("{key:?} {:?}", key.verifying_key());
    assert!(shown.contains("k1") && shown.contains("Hs256"), "{shown}");
    assert!(
        !shown.contains("115, 119") && !shown.contains("sword"),
        "{shown}"
    );
}

#[test]
fn debug_shows_nothing_that_a_bearer_needs() {
    let key = key_of(Algorithm::Hs256);
    let token = jws::sign(key, "JWT", br#"{"sub":"kept"}"#).unwrap();
    let keys = JwkSet::new(vec![key.verifying_key().clone()]);
    let verified = jws::verify(&token, &keys, &[Algorithm::Hs256]).unwrap();
    let decoded = UnverifiedJwt::decode(&token).unwrap();
    let mut scratch = Scratch::default();
    let policy = policy();
    let now = UnixTime::from_seconds(0);
    let refused = jwt::verify_in::<Value>(&token, &keys, &policy, now, &mut scratch).unwrap_err();
    assert_eq!(
        refused.code(),
        "token_claim_invalid",
        "so the payload was decoded"
    );
    let shown = format!("{verified:?} {decoded:?} {scratch:?}");
    assert!(shown.contains("HS256"), "{shown}");
    let parts: Vec<_> = token.split('.').collect();
    // The bytes of `kept`, in text and in numbers, and the parts that make the token one.
    for hidden in ["kept", "107, 101, 112", parts[1], parts[2]] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn a_private_key_of_another_algorithm_is_refused() {
    let id = || KeyId::new("k1").unwrap();
    for &made in Algorithm::ALL {
        let bytes = key_of(made).private_bytes().unwrap();
        for &read in Algorithm::ALL {
            let both_rsa = [made, read].iter().all(|algorithm| {
                algorithm.as_str().starts_with("RS") || algorithm.as_str().starts_with("PS")
            });
            let both_secret = made.is_symmetric() && read.is_symmetric();
            if both_rsa || both_secret || read.is_symmetric() || made.same_operation(read) {
                continue;
            }
            let error = SigningKey::from_private_bytes(read, id(), &bytes).unwrap_err();
            assert_eq!(error, KeyError::PrivateKeyInvalid(read), "{made} as {read}");
        }
    }
}
