use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{SigningKey, VerifyingKey},
};

fn thumbprint(jwk: &str) -> Option<String> {
    VerifyingKey::from_jwk(jwk.as_bytes())
        .expect("a key")
        .thumbprint()
}

#[test]
fn rfc_7638_3_1_rsa() {
    let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(thumbprint(jwk).as_deref(), Some(expected));
}

#[test]
fn rfc_8037_a_3_ed25519() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let expected = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    assert_eq!(thumbprint(jwk).as_deref(), Some(expected));
}

#[test]
fn a_thumbprint_does_not_depend_on_other_members_and_their_order() {
    let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    let plain = thumbprint(&format!(
        r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#
    ));
    let adorned = thumbprint(&format!(
        r#"{{"y":"{y}","kid":"a","use":"sig","x":"{x}","crv":"P-256","kty":"EC"}}"#
    ));
    assert!(plain.is_some());
    assert_eq!(plain, adorned);
}

#[test]
fn a_generated_key_is_named_by_its_thumbprint_and_a_secret_has_none() {
    let key = SigningKey::generate(Algorithm::Es384).unwrap();
    let thumbprint = key.verifying_key().thumbprint();
    assert_eq!(thumbprint.as_deref(), Some(key.key_id().as_str()));

    let secret = SigningKey::generate(Algorithm::Hs256).unwrap();
    assert_eq!(secret.verifying_key().thumbprint(), None);
    let id = base64url::decode(secret.key_id().as_str().as_bytes()).unwrap();
    assert_eq!(id.len(), 16);
}
