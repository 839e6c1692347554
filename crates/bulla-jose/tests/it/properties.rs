use bulla_jose::{
    base64url,
    json::{self, Limits, Reason},
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey, VerifyingKey},
    jws,
    jwt::{self, Audience, Issuer, UnixTime, UnverifiedJwt, VerificationPolicy},
};
use proptest::{collection::vec, prelude::*};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::{
    forge::{self, NOW},
    jwt::key_of,
};

fn any_algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(Algorithm::ALL)
}

/// Any JSON value, not deep.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((".*", inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_claims() -> impl Strategy<Value = Map<String, Value>> {
    vec(("[^abcdefghijklmnopqrstuvwxyz].*", any_value()), 0..6).prop_map(|custom| {
        let mut claims: Map<String, Value> = custom.into_iter().collect();
        claims.insert("iss".into(), "bulla".into());
        claims.insert("aud".into(), "api".into());
        claims.insert("sub".into(), "usr_1".into());
        claims.insert("exp".into(), (NOW + 900).into());
        claims
    })
}

fn policy(algorithm: Algorithm) -> VerificationPolicy {
    VerificationPolicy::new(
        Issuer::new("bulla").expect("a name"),
        Audience::new("api").expect("a name"),
        &["at+jwt"],
        &[algorithm],
    )
}

fn set_of(key: &SigningKey) -> JwkSet {
    JwkSet::new(vec![key.verifying_key().clone()])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_signed_is_verified(algorithm in any_algorithm(), claims in any_claims()) {
        let key = key_of(algorithm);
        let token = jwt::sign(key, "at+jwt", &claims).unwrap();
        let now = UnixTime::from_seconds(NOW);
        let verified = jwt::verify::<Value>(&token, &set_of(key), &policy(algorithm), now).unwrap();
        prop_assert_eq!(verified.claims(), &Value::Object(claims));
    }

    /// However another issuer writes the same JSON: with white space, and with escapes where none are needed.
    #[test]
    fn claims_are_read_as_they_were_meant(claims in any_claims(), pretty in any::<bool>(), escaped in any::<bool>()) {
        let claims = Value::Object(claims);
        let text = if pretty { format!("{claims:#}") } else { claims.to_string() };
        let text = match escaped {
            true => text.replace("\"exp\"", r#""\u0065xp""#).replace("\"bulla\"", r#""bull\u0061""#),
            false => text,
        };
        let now = UnixTime::from_seconds(NOW);
        let verified = jwt::verify::<Value>(&forge::with_claims(&text), &forge::keys(), &forge::policy(), now).unwrap();
        prop_assert_eq!(verified.claims(), &claims);
        prop_assert_eq!(verified.expires_at(), UnixTime::from_seconds(NOW + 900));
    }

    #[test]
    fn a_token_with_any_bit_flipped_is_refused(
        algorithm in any_algorithm(), at in any::<prop::sample::Index>(), bit in 0_u8..7,
    ) {
        let key = key_of(algorithm);
        let token = jws::sign(key, "at+jwt", forge::CLAIMS.as_bytes()).unwrap();
        let keys = set_of(key);
        let verify = |token: &str| {
            jwt::verify::<Value>(token, &keys, &policy(algorithm), UnixTime::from_seconds(NOW))
        };
        prop_assert!(verify(&token).is_ok(), "the control");
        let mut altered = token.into_bytes();
        let at = at.index(altered.len());
        altered[at] ^= 1 << bit;
        let altered = String::from_utf8(altered).unwrap();
        prop_assert!(verify(&altered).is_err(), "{}", altered);
    }

    #[test]
    fn no_text_is_a_token(text in ".*") {
        prop_assert!(UnverifiedJwt::decode(&text).is_err());
        prop_assert!(forge::verify(&text).is_err());
    }

    #[test]
    fn no_header_or_payload_panics(header in vec(any::<u8>(), 0..200), payload in vec(any::<u8>(), 0..200)) {
        let _ = forge::verify(&forge::token(&header, forge::CLAIMS));
        let _ = forge::verify(&forge::with_claims(&payload));
        let _ = UnverifiedJwt::decode(&forge::token(&header, &payload));
    }

    #[test]
    fn no_claims_of_any_shape_panic(claims in any_claims(), name in "iss|sub|aud|exp|nbf|iat|jti", value in any_value()) {
        let mut claims = claims;
        claims.insert(name, value);
        let _ = forge::verify(&forge::with_claims(serde_json::to_vec(&claims).unwrap()));
    }

    #[test]
    fn no_key_and_no_set_panics(jwk in any_value(), bytes in vec(any::<u8>(), 0..200)) {
        let _ = VerifyingKey::from_jwk(&bytes);
        let _ = VerifyingKey::from_jwk(jwk.to_string().as_bytes());
        let _ = JwkSet::parse_with_secrets(&bytes, &[]);
        let set = format!(r#"{{"keys":[{jwk}]}}"#);
        let _ = JwkSet::parse_with_secrets(set.as_bytes(), &[]);
    }

    #[test]
    fn every_byte_string_has_exactly_one_base64url_text(bytes in vec(any::<u8>(), 0..300), text in vec(any::<u8>(), 0..40)) {
        let decoded = base64url::decode(base64url::encode(&bytes).as_bytes());
        prop_assert_eq!(decoded.as_ref(), Ok(&bytes));
        if let Ok(bytes) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&bytes).into_bytes(), text);
        }
    }

    #[test]
    fn what_serde_writes_is_strict_json(value in any_value()) {
        let text = value.to_string();
        prop_assert_eq!(json::check(text.as_bytes(), Limits::DOCUMENT), Ok(text.as_str()));
    }

    #[test]
    fn strict_json_is_json_and_other_json_is_refused_for_a_stated_reason(
        text in r#"[\[\]{}",:\\u0de8E+.\-tfn a\x00-\x1f]{0,24}"#,
    ) {
        let is_json = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        match json::check(text.as_bytes(), Limits::DOCUMENT) {
            Ok(_) => prop_assert!(is_json, "{}", text),
            Err(error) if is_json => {
                let stricter = [Reason::DuplicateMember, Reason::LoneSurrogate];
                prop_assert!(stricter.contains(&error.reason), "{} {}", error, text);
            }
            Err(_) => {}
        }
    }

    #[test]
    fn a_cut_or_lengthened_json_text_is_refused(value in any_claims(), at in any::<prop::sample::Index>()) {
        let text = Value::Object(value).to_string();
        let cut = at.index(text.len());
        prop_assert!(json::check(&text.as_bytes()[..cut], Limits::DOCUMENT).is_err());
        let longer = text + "{}";
        prop_assert!(json::check(longer.as_bytes(), Limits::DOCUMENT).is_err());
    }
}
