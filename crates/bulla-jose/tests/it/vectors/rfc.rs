//! Examples of the RFCs that are in no other set.

use bulla_jose::{
    jwa::{Algorithm, ContentEncryption, KeyManagement},
    jwe::{self, DecryptionPolicy},
    jwk::{DecryptionKey, JwkSet, KeyError, KeyId, SigningKey},
    jws::{self, SignatureError},
};
use serde_json::{Value, json};
use wycheproof_ng_kdf_jose::json_web::{TestName, TestSet};

use crate::forge::altered;

/// RFC 7517 appendices A.2 (which has the keys of A.1) and A.3.
const RFC_7517: &str = include_str!("rfc_7517.json");

fn rfc_7517(index: usize) -> String {
    let set: Value = serde_json::from_str(RFC_7517).expect("JSON");
    set["keys"][index].to_string()
}

#[test]
fn rfc_7516_a_3_a128kw_a128cbc_hs256() {
    let key = br#"{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}"#;
    let token = "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.\
        6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.\
        AxY8DCtDaGlsbGljb3RoZQ.\
        KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.\
        U0m_YmjN04DJvceFICbCVQ";
    let policy = DecryptionPolicy::new(&[ContentEncryption::A128CbcHs256]);
    let key = DecryptionKey::from_jwk(key).unwrap();
    let opened = jwe::decrypt(token, &[key], &policy).unwrap();
    assert_eq!(opened.plaintext(), b"Live long and prosper.");
}

#[test]
fn rfc_7517_a_each_key_is_of_use_for_what_it_says() {
    let set = JwkSet::parse_with_secrets(RFC_7517.as_bytes(), &[]).unwrap();
    let ids: Vec<_> = set
        .keys()
        .iter()
        .map(|key| key.key_id().unwrap().as_str())
        .collect();
    let hmac = "HMAC key used in JWS spec Appendix A.1 example";
    assert_eq!(ids, ["2011-04-29", hmac]);
    let reasons: Vec<_> = set.skipped().iter().map(|key| key.reason.clone()).collect();
    assert_eq!(
        reasons,
        [
            KeyError::UseRefused("enc".into()),
            KeyError::AlgorithmUnsupported("A128KW".into())
        ]
    );
    let agreement = KeyManagement::EcdhEsA128Kw;
    let key = DecryptionKey::from_jwk_for(agreement, rfc_7517(0).as_bytes()).unwrap();
    assert_eq!(key.key_id(), Some(&KeyId::new("1").unwrap()));
    assert!(DecryptionKey::from_jwk(rfc_7517(2).as_bytes()).is_ok());
}

#[test]
fn rfc_7517_a_2_the_rsa_key_signs_what_its_public_half_verifies() {
    let key = SigningKey::from_jwk(rfc_7517(1).as_bytes()).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Rs256);
    let set = JwkSet::parse_with_secrets(RFC_7517.as_bytes(), &[]).unwrap();
    let token = jws::sign(&key, "JWT", b"signed").unwrap();
    assert!(jws::verify(&token, &set, &[Algorithm::Rs256]).is_ok());
}

/// Keys from their seeds, thumbprints and signatures of each parameter set, from another implementation.
#[test]
fn rfc_9964_a_1_ml_dsa() {
    let examples: Vec<Value> = serde_json::from_str(include_str!("rfc_9964.json")).unwrap();
    let algorithms = [Algorithm::MlDsa44, Algorithm::MlDsa65, Algorithm::MlDsa87];
    assert_eq!(examples.len(), algorithms.len());
    for (example, algorithm) in examples.iter().zip(algorithms) {
        let (jwk, token) = (&example["jwk"], example["jws"].as_str().unwrap());
        let key = SigningKey::from_jwk(jwk.to_string().as_bytes()).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let public = key.verifying_key();
        assert_eq!(public.thumbprint().as_deref(), jwk["kid"].as_str());
        let set = json!({ "keys": [public.public_jwk().unwrap()] }).to_string();
        let set = JwkSet::parse(set.as_bytes(), &[]).unwrap();
        let verified = jws::verify(token, &set, &[algorithm]).unwrap();
        let text = String::from_utf8_lossy(verified.payload());
        assert_eq!(
            text,
            "It\u{2019}s a dangerous business, Frodo, going out your door."
        );
        let error = jws::verify(&altered(token), &set, &[algorithm]).unwrap_err();
        assert!(
            matches!(error, SignatureError::SignatureInvalid { .. }),
            "{error}"
        );
    }
}

/// Wycheproof has the tokens of RFC 7520 sections 4.2 and 4.3 with keys that state the wrong algorithm. RFC 7520 sections 3.2
/// and 3.4 have them without one.
#[test]
fn rfc_7520_4_2_and_4_3_with_keys_that_state_no_algorithm() {
    let vectors = TestSet::load(TestName::JsonWebSignature).unwrap();
    for (id, algorithm) in [(346, Algorithm::Ps384), (347, Algorithm::Es512)] {
        let mut groups = vectors.test_groups.iter();
        let group = groups
            .find(|group| group.tests.iter().any(|test| test.tc_id == id))
            .unwrap();
        let unstated = |key: &Option<Value>| {
            let mut key = key.clone().unwrap();
            key.as_object_mut().unwrap().remove("alg");
            key
        };
        let set = format!(r#"{{"keys":[{}]}}"#, unstated(&group.public_key));
        let set = JwkSet::parse(set.as_bytes(), &[algorithm]).unwrap();
        let token = group.tests.iter().find(|test| test.tc_id == id).unwrap();
        let token = token.jws.as_ref().and_then(Value::as_str).unwrap();
        let verified = jws::verify(token, &set, &[algorithm]).unwrap();
        let text = String::from_utf8_lossy(verified.payload());
        assert!(
            text.starts_with("It\u{2019}s a dangerous business, Frodo"),
            "{text}"
        );

        let mut private = unstated(&group.private_key);
        private["alg"] = algorithm.as_str().into();
        let signer = SigningKey::from_jwk(private.to_string().as_bytes()).unwrap();
        let own = jws::sign(&signer, "JWT", verified.payload()).unwrap();
        assert!(jws::verify(&own, &set, &[algorithm]).is_ok());
    }
}
