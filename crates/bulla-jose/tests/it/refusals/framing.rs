//! What is no compact JWS of a bearable size.

use crate::forge::{
    self, CLAIMS, HEADER, NOW, accepted, policy, refused_for, verify_at, with_claim, with_claims,
};

fn good() -> String {
    with_claims(CLAIMS)
}

#[test]
fn the_json_serialisation_is_refused() {
    let token = good();
    accepted(&token);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts");
    };
    let flattened =
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#);
    let general = format!(
        r#" {{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
    );
    for token in [flattened, general, "{}".to_owned(), "\n{".to_owned()] {
        refused_for(&token, "token_malformed", "JSON serialisation");
    }
}

#[test]
fn an_encrypted_token_is_refused() {
    accepted(&good());
    refused_for("a.b.c.d.e", "token_malformed", "encrypted token (JWE)");
}

#[test]
fn other_numbers_of_parts_are_refused() {
    let good = good();
    accepted(&good);
    let header = good.split('.').next().unwrap();
    for (token, parts) in [
        (String::new(), 1),
        (header.to_owned(), 1),
        (good.rsplit_once('.').unwrap().0.to_owned(), 2),
        (format!("{good}."), 4),
        (format!(".{good}"), 4),
        (format!("{good}.."), 5),
        (format!("{good}.{good}"), 6),
    ] {
        let words = if parts == 5 {
            "encrypted".to_owned()
        } else {
            format!("{parts} parts instead of 3")
        };
        refused_for(&token, "token_malformed", &words);
    }
}

#[test]
fn empty_parts_are_refused() {
    accepted(&good());
    let header = bulla_jose::base64url::encode(HEADER.as_bytes());
    refused_for("..", "token_malformed", "header");
    refused_for(&forge::token("", CLAIMS), "token_malformed", "header");
    refused_for(&forge::signed(&header, ""), "token_malformed", "payload");
}

#[test]
fn a_token_over_16_kib_is_refused() {
    let sized = |bytes: usize| with_claim(&format!(r#""pad":"{}""#, "x".repeat(bytes)));
    let mut bytes = 12_000;
    while sized(bytes + 1).len() <= 16 * 1024 {
        bytes += 1;
    }
    accepted(&sized(bytes));
    refused_for(
        &sized(bytes + 1),
        "token_malformed",
        "bytes are more than 16384",
    );
}

#[test]
fn a_token_over_the_limit_of_the_policy_is_refused() {
    let token = good();
    let limit = |bytes| verify_at(&token, &policy().with_max_token_bytes(bytes), NOW);
    assert!(limit(token.len()).is_ok(), "the control");
    assert_eq!(
        limit(token.len() - 1).unwrap_err().code(),
        "token_malformed"
    );
    let long = with_claim(&format!(r#""pad":"{}""#, "x".repeat(20_000)));
    assert!(verify_at(&long, &policy().with_max_token_bytes(64 * 1024), NOW).is_ok());
}
