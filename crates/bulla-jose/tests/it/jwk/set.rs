use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, JwkSetError, KeyError, VerifyingKey},
};
use serde_json::{Value, json};

use crate::jwt::key_of;

const RFC_7515_A_3: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

fn good(kid: &str) -> Value {
    let mut jwk: Value = serde_json::from_str(RFC_7515_A_3).expect("JSON");
    jwk["kid"] = kid.into();
    jwk
}

#[test]
fn a_bad_key_is_skipped_and_reported_and_the_others_are_used() {
    let mut for_encryption = good("enc");
    for_encryption["use"] = "enc".into();
    let set = json!({ "keys": [
        good("a"),
        { "kty": "EC", "crv": "P-256", "kid": "cut off", "x": "AAAA" },
        for_encryption,
        "no key at all",
        { "kty": "PQC", "kid": "new" },
        good("b"),
    ], "next": 5 });
    let set = JwkSet::parse(set.to_string().as_bytes(), &[]).unwrap();
    let used: Vec<_> = set
        .keys()
        .iter()
        .map(|key| key.key_id().unwrap().as_str())
        .collect();
    assert_eq!(used, ["a", "b"]);
    let skipped: Vec<_> = set
        .skipped()
        .iter()
        .map(|key| (key.index, key.key_id.as_deref(), key.reason.clone()))
        .collect();
    assert_eq!(
        skipped[0],
        (1, Some("cut off"), KeyError::MemberMissing("y"))
    );
    assert_eq!(
        skipped[1],
        (2, Some("enc"), KeyError::UseRefused("enc".into()))
    );
    assert!(matches!(skipped[2], (3, None, KeyError::Json(_))));
    assert_eq!(
        skipped[3],
        (4, Some("new"), KeyError::KeyTypeUnsupported("PQC".into()))
    );
    assert_eq!(skipped.len(), 4);
}

#[test]
fn a_key_with_a_repeated_member_or_a_lone_surrogate_is_skipped_alone() {
    let plain = &RFC_7515_A_3[1..];
    let set = format!(
        r#"{{"keys":[{{"kid":"a","kid":"b",{plain},{{"kid":"\ud800",{plain},{RFC_7515_A_3}]}}"#
    );
    let set = JwkSet::parse(set.as_bytes(), &[]).unwrap();
    assert_eq!(set.keys().len(), 1);
    let indices: Vec<_> = set.skipped().iter().map(|key| key.index).collect();
    assert_eq!(indices, [0, 1]);
}

#[test]
fn what_stands_beside_the_keys_is_strict_at_any_depth() {
    let read = |beside: &str| {
        let set = format!(r#"{{"a":1,"keys":[{RFC_7515_A_3}],{beside}}}"#);
        JwkSet::parse(set.as_bytes(), &[])
    };
    assert!(read(r#""meta":{"a":{"keys":1},"b":["\ud83d\ude00"]}"#).is_ok());
    for bad in [
        r#""meta":{"a":1,"a":2}"#,
        r#""meta":[{"a":{"b":1,"b":2}}]"#,
        r#""meta":["\ud800"]"#,
        r#""meta":{"keys":[{"a":1,"a":2}]}"#,
        r#""a":2"#,
    ] {
        let error = read(bad).unwrap_err();
        assert!(matches!(error, JwkSetError::Json(_)), "{bad}: {error}");
    }
}

#[test]
fn a_key_with_too_much_in_it_is_skipped_alone() {
    let members: Vec<String> = (0..17_000).map(|at| format!(r#""{at}":1"#)).collect();
    let many = format!("{{{}}}", members.join(","));
    for large in ["[".repeat(40) + &"]".repeat(40), many] {
        let bad = RFC_7515_A_3.replacen('{', &format!(r#"{{"x5c":{large},"#), 1);
        let set = format!(r#"{{"keys":[{bad},{RFC_7515_A_3}],"meta":{{"a":1}}}}"#);
        let set = JwkSet::parse(set.as_bytes(), &[]).unwrap();
        assert_eq!(set.keys().len(), 1, "the control");
        let skipped = &set.skipped()[0];
        assert_eq!(skipped.index, 0);
        assert!(matches!(skipped.reason, KeyError::Json(_)), "{skipped:?}");
    }
    // Reading recurses, so there is an end.
    let endless = format!(r#"{{"keys":[{}{}]}}"#, "[".repeat(127), "]".repeat(127));
    assert!(JwkSet::parse(endless.as_bytes(), &[]).is_err());
}

#[test]
fn a_document_that_is_no_set_is_refused_whole() {
    let refused = |text: &str| JwkSet::parse(text.as_bytes(), &[]).unwrap_err();
    assert!(JwkSet::parse(br#"{"keys":[]}"#, &[]).is_ok(), "the control");
    assert!(matches!(refused(""), JwkSetError::Json(_)));
    assert!(matches!(refused("[]"), JwkSetError::Json(_)));
    assert!(matches!(refused(r#"{"keys":[]}x"#), JwkSetError::Json(_)));
    assert!(matches!(
        refused(r#"{"keys":[],"keys":[]}"#),
        JwkSetError::Json(_)
    ));
    assert_eq!(refused(RFC_7515_A_3), JwkSetError::KeysMissing);
    assert_eq!(refused(r#"{"keys":{}}"#), JwkSetError::KeysInvalid);
}

#[test]
fn a_set_of_too_many_keys_is_refused() {
    let set = |count| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; count].join(","));
    assert_eq!(
        JwkSet::parse(set(1024).as_bytes(), &[])
            .unwrap()
            .skipped()
            .len(),
        1024
    );
    let (limit, found) = (1024, 1025);
    assert_eq!(
        JwkSet::parse(set(1025).as_bytes(), &[]).unwrap_err(),
        JwkSetError::TooManyKeys { limit, found }
    );
}

#[test]
fn a_published_set_must_not_hold_secrets_and_ones_own_may() {
    let secret = json!({ "kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T" });
    let mut private = good("private");
    private["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI".into();
    let set = json!({ "keys": [secret, private, good("a")] }).to_string();
    let own = JwkSet::parse_with_secrets(set.as_bytes(), &[]).unwrap();
    assert_eq!(own.keys().len(), 3);
    let public = JwkSet::parse(set.as_bytes(), &[]).unwrap();
    assert_eq!(public.keys().len(), 1);
    for skipped in public.skipped() {
        assert_eq!(skipped.reason, KeyError::SecretRefused);
    }
}

#[test]
fn a_key_without_alg_is_bound_to_the_first_algorithm_that_it_can_do() {
    let jwk = |algorithm| {
        let mut jwk = key_of(algorithm).verifying_key().public_jwk().unwrap();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk
    };
    let bound = |algorithm, preferred: &[Algorithm]| {
        let set = json!({ "keys": [jwk(algorithm)] }).to_string();
        let set = JwkSet::parse(set.as_bytes(), preferred).unwrap();
        set.keys()[0].algorithm()
    };
    assert_eq!(bound(Algorithm::Ps512, &[]), Algorithm::Rs256);
    assert_eq!(
        bound(Algorithm::Ps512, &[Algorithm::Es256, Algorithm::Ps384]),
        Algorithm::Ps384
    );
    assert_eq!(
        bound(Algorithm::Es384, &[Algorithm::Ps384]),
        Algorithm::Es384
    );
    assert_eq!(bound(Algorithm::EdDsa, &[]), Algorithm::EdDsa);
    assert_eq!(
        bound(Algorithm::EdDsa, &[Algorithm::Ed25519]),
        Algorithm::Ed25519
    );

    let secret = br#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}"#;
    let set = format!(r#"{{"keys":[{}]}}"#, String::from_utf8_lossy(secret));
    let preferred = [Algorithm::Hs512, Algorithm::Hs256];
    let set = JwkSet::parse_with_secrets(set.as_bytes(), &preferred).unwrap();
    assert_eq!(set.keys()[0].algorithm(), Algorithm::Hs256, "it is short");
    assert_eq!(
        VerifyingKey::from_jwk(secret).unwrap().algorithm(),
        Algorithm::Hs256
    );
}
