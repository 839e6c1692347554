//! Headers that lie, demand or choose.

use bulla_jose::{
    base64url::{decode, encode},
    jwa::Algorithm,
    jwk::JwkSet,
    jws::{self, SignatureError},
};

use crate::{
    forge::{CLAIMS, accepted, refused, refused_for, signed, signed_with, verify, with_header},
    jwt::key_of,
};

const GOOD: &str = r#""alg":"HS256","typ":"at+jwt","kid":"k1""#;

fn with_member(member: &str) -> String {
    with_header(format!("{{{GOOD},{member}}}"))
}

#[test]
fn the_algorithm_none_is_refused() {
    accepted(&with_header(format!("{{{GOOD}}}")));
    for none in ["none", "None", "NONE", "nOnE", "", " none"] {
        let header = format!(r#"{{"alg":"{none}","typ":"at+jwt"}}"#);
        refused(&with_header(&header), "token_algorithm_refused");
        let unsigned = format!(
            "{}.{}.",
            encode(header.as_bytes()),
            encode(CLAIMS.as_bytes())
        );
        refused(&unsigned, "token_algorithm_refused");
    }
}

#[test]
fn an_algorithm_that_the_policy_does_not_accept_is_refused() {
    accepted(&with_header(format!("{{{GOOD}}}")));
    for other in ["HS384", "RS256", "hs256", "HS256 ", "ES256K", "A128KW"] {
        let header = format!(r#"{{"alg":"{other}","typ":"at+jwt","kid":"k1"}}"#);
        let token = with_header(header);
        refused_for(&token, "token_algorithm_refused", "accepted here: HS256");
    }
}

#[test]
fn an_algorithm_that_the_key_is_not_for_is_refused() {
    let rsa = key_of(Algorithm::Rs256);
    let keys = JwkSet::new(vec![rsa.verifying_key().clone()]);
    let accepted = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Hs256];
    let token = jws::sign(rsa, "JWT", b"{}").unwrap();
    assert!(jws::verify(&token, &keys, &accepted).is_ok(), "the control");
    // The classic: an HMAC keyed with the public RSA key, which everybody knows.
    let jwk = rsa.verifying_key().public_jwk().unwrap();
    let modulus = decode(jwk["n"].as_str().unwrap().as_bytes()).unwrap();
    for known in [jwk.to_string().as_bytes(), &modulus] {
        let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, rsa.key_id());
        let confused = signed_with(known, &encode(header.as_bytes()), &encode(b"{}"));
        let error = jws::verify(&confused, &keys, &accepted).unwrap_err();
        let expected = vec![Algorithm::Rs256];
        let found = "HS256".to_owned();
        assert_eq!(error, SignatureError::AlgorithmRefused { expected, found });
    }
}

#[test]
fn a_key_in_the_header_is_never_used() {
    let attacker = b"the attacker knows these 32 bytes";
    let header = format!(
        r#"{{{GOOD},"jwk":{{"kty":"oct","k":"{}"}},"jku":"https://evil.example/jwks.json"}}"#,
        encode(attacker)
    );
    let (header, payload) = (encode(header.as_bytes()), encode(CLAIMS.as_bytes()));
    accepted(&signed(&header, &payload));
    let token = signed_with(attacker, &header, &payload);
    refused(&token, "token_signature_invalid");
}

#[test]
fn an_unknown_critical_extension_is_refused() {
    accepted(&with_member(r#""exp":1"#));
    let token = with_member(r#""exp":1,"crit":["exp"]"#);
    refused_for(&token, "token_critical_unsupported", "exp");
    let token = with_member(r#""http://a.example/x":true,"crit":["http:\/\/a.example\/x"]"#);
    refused_for(&token, "token_critical_unsupported", "http://a.example/x");
}

#[test]
fn a_list_of_critical_extensions_that_breaks_its_own_rules_is_refused() {
    accepted(&with_member(r#""exp":1"#));
    for crit in [
        "[]",
        "null",
        "true",
        r#""exp""#,
        "{}",
        "[1]",
        r#"["exp",null]"#,
        r#"["absent"]"#,
        r#"["exp","absent"]"#,
        r#"["exp","exp"]"#,
        r#"["alg"]"#,
        r#"["exp","kid"]"#,
        r#"["crit"]"#,
    ] {
        let token = with_member(&format!(r#""exp":1,"crit":{crit}"#));
        refused_for(&token, "token_malformed", "`crit`");
    }
}

#[test]
fn more_critical_extensions_than_a_header_can_have_are_refused() {
    let header = |listed: usize| {
        let names: Vec<String> = (0..60).map(|at| format!(r#""x{at}""#)).collect();
        let present: Vec<String> = names.iter().map(|name| format!("{name}:1")).collect();
        let more = std::iter::repeat_n(r#""x0""#, listed - names.len());
        let listed: Vec<&str> = names.iter().map(String::as_str).chain(more).collect();
        with_member(&format!(
            r#""crit":[{}],{}"#,
            listed.join(","),
            present.join(",")
        ))
    };
    refused_for(&header(60), "token_critical_unsupported", "x7");
    for listed in [61, 65, 1000] {
        refused_for(&header(listed), "token_malformed", "`crit`");
    }
}

#[test]
fn no_more_than_eight_critical_names_are_shown() {
    let check = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!(r#""{at:064}""#)).collect();
        let members: Vec<String> = names.iter().map(|name| format!("{name}:1")).collect();
        let token = with_member(&format!(
            r#""crit":[{}],{}"#,
            names.join(","),
            members.join(",")
        ));
        let error = verify(&token).unwrap_err();
        assert_eq!(error.code(), "token_critical_unsupported");
        error.to_string()
    };
    assert!(check(8).contains(&format!("{:064}", 7)), "the control");
    assert_eq!(check(8), check(60));
}

#[test]
fn critical_names_beside_a_long_one_with_escapes_do_not_decode_it_again_and_again() {
    let long = r"\n".repeat(5_800);
    accepted(&with_member(&format!(r#""{long}":1"#)));
    for listed in [1, 64] {
        let crit = vec![r#""""#; listed].join(",");
        let token = with_member(&format!(r#""{long}":1,"crit":[{crit}]"#));
        let measured = allocation_counter::measure(|| {
            refused_for(&token, "token_malformed", "`crit`");
        });
        // The header, and the name as it is meant, which is half as long.
        let bound = 3 * token.len() as u64;
        assert!(measured.bytes_total < bound, "{listed}: {measured:?}");
    }
}

#[test]
fn an_unencoded_payload_is_refused() {
    accepted(&with_member(r#""b64":true"#));
    refused_for(
        &with_member(r#""b64":false"#),
        "token_critical_unsupported",
        "b64",
    );
    let token = with_member(r#""b64":false,"crit":["b64"]"#);
    refused_for(&token, "token_critical_unsupported", "b64");
    for other in ["0", "null", r#""false""#, "[]"] {
        refused_for(
            &with_member(&format!(r#""b64":{other}"#)),
            "token_malformed",
            "`b64`",
        );
    }
}

#[test]
fn a_header_without_algorithm_is_refused() {
    accepted(&with_header(r#"{"alg":"HS256","typ":"at+jwt"}"#));
    refused_for(
        &with_header(r#"{"typ":"at+jwt"}"#),
        "token_malformed",
        "`alg`",
    );
    refused_for(&with_header("{}"), "token_malformed", "`alg`");
}

#[test]
fn header_members_of_the_wrong_type_are_refused() {
    accepted(&with_header(
        r#"{"alg":"HS256","typ":"at+jwt","kid":"k1","cty":"x"}"#,
    ));
    for name in ["alg", "typ", "kid", "cty"] {
        for value in ["1", "null", "true", r#"["HS256"]"#, "{}"] {
            let good = [("alg", "HS256"), ("typ", "at+jwt"), ("kid", "k1")];
            let mut members: Vec<String> = good
                .iter()
                .filter(|(known, _)| *known != name)
                .map(|(known, value)| format!(r#""{known}":"{value}""#))
                .collect();
            members.push(format!(r#""{name}":{value}"#));
            let token = with_header(format!("{{{}}}", members.join(",")));
            refused_for(
                &token,
                "token_malformed",
                &format!("`{name}` is not a string"),
            );
        }
    }
}

#[test]
fn a_token_of_no_type_is_refused() {
    accepted(&with_header(r#"{"alg":"HS256","typ":"JWT"}"#));
    let token = with_header(r#"{"alg":"HS256"}"#);
    refused_for(&token, "token_claim_invalid", "`typ` is missing");
}

#[test]
fn a_token_of_another_type_is_refused() {
    for same in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "jwt",
        "application/JWT",
    ] {
        accepted(&with_header(format!(r#"{{"alg":"HS256","typ":"{same}"}}"#)));
    }
    for other in [
        "",
        "id+jwt",
        "at+jwt;x",
        "application/",
        "text/at+jwt",
        "dpop+jwt",
    ] {
        let token = with_header(format!(r#"{{"alg":"HS256","typ":"{other}"}}"#));
        refused_for(&token, "token_type_mismatch", "expected: at+jwt, JWT");
    }
}

#[test]
fn text_from_a_header_is_shown_cut_and_without_control_characters() {
    let long = "x".repeat(5000);
    let header = format!(r#"{{"alg":"\u001b[2J\r\nSet-Cookie: {long}","typ":"JWT"}}"#);
    let error = verify(&with_header(header)).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(char::is_control), "{shown}");
    assert!(shown.len() < 500, "{shown}");
}
