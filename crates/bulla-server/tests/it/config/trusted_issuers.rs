//! `[[trusted_issuer]]`

use std::time::Duration;

use bulla_guard::issuer::{ClaimNames, ClaimPath};
use bulla_jose::jwa::{Algorithm, KeyManagement};

use super::{file, said};

const ISSUER: &str = "[[trusted_issuer]]\nissuer = \"https://login.example.com\"\njwks = \"keys.json\"\naudience = \"api\"\n\
    algorithms = [\"RS256\"]\n";

/// What is said about an issuer with these further lines, of which the first is line 6.
fn said_of(lines: &str) -> String {
    said(&format!("{ISSUER}{lines}"))
}

#[test]
fn what_is_left_out_is_strict() {
    let config = file(ISSUER).load();
    let [issuer] = &config.trusted_issuers[..] else {
        panic!("one issuer");
    };
    assert_eq!(issuer.issuer.as_str(), "https://login.example.com");
    assert_eq!(issuer.jwks.value, "keys.json");
    assert_eq!(issuer.jwks.key, "trusted_issuer[1].jwks");
    assert_eq!(issuer.audience.as_str(), "api");
    assert_eq!(issuer.types, ["at+jwt"]);
    assert_eq!(issuer.algorithms, [Algorithm::Rs256]);
    assert_eq!(issuer.leeway, Duration::ZERO);
    assert_eq!(issuer.jwks_max_age, Duration::from_secs(86_400));
    assert_eq!(issuer.jwks_addresses, []);
    assert_eq!(issuer.claims, ClaimNames::default());
    assert_eq!(issuer.encrypted, None);
}

#[test]
fn all_of_it_is_read() {
    let lines = "typ = [\"JWT\", \"at+jwt\"]\nleeway = \"30s\"\njwks_max_age = \"1h\"\njwks_addresses = [\"10.0.0.0/8\"]\n\
        decryption_key = \"key.pem\"\ndecryption_algorithm = \"RSA-OAEP-256\"\n\
        claims = { roles = \"realm_access.roles\", subject = \"user_id\", scope = [\"a.b\", \"c\"], plan = \"https://x.example/plan\" }";
    let config = file(&format!("{ISSUER}{lines}")).load();
    let issuer = &config.trusted_issuers[0];
    assert_eq!(issuer.types, ["JWT", "at+jwt"]);
    assert_eq!(issuer.leeway, Duration::from_secs(30));
    assert_eq!(issuer.jwks_max_age, Duration::from_secs(3600));
    assert_eq!(issuer.jwks_addresses, ["10.0.0.0/8".parse().unwrap()]);
    let encrypted = issuer.encrypted.as_ref().unwrap();
    assert_eq!(encrypted.key.value, "key.pem");
    assert_eq!(encrypted.algorithm, Some(KeyManagement::RsaOaep256));
    let expected = ClaimNames {
        roles: ClaimPath::of(["realm_access", "roles"]).unwrap(),
        subject: ClaimPath::of(["user_id"]).unwrap(),
        scope: ClaimPath::of(["a.b", "c"]).unwrap(),
        plan: ClaimPath::of(["https://x.example/plan"]).unwrap(),
        ..ClaimNames::default()
    };
    assert_eq!(issuer.claims, expected);
}

#[test]
fn what_is_needed_is_missed() {
    for key in ["issuer", "jwks", "audience", "algorithms"] {
        let lines = ISSUER.lines().filter(|line| !line.starts_with(key));
        let text: Vec<&str> = lines.collect();
        let expected = format!("bulla.toml:1: `trusted_issuer[1].{key}`: is missing");
        assert_eq!(said(&text.join("\n")), expected);
    }
}

#[test]
fn two_of_one_name_cannot_be_told_apart() {
    let twice = said(&format!("{ISSUER}{ISSUER}"));
    assert!(
        twice.contains("bulla.toml:7: `trusted_issuer[2].issuer`: there are two"),
        "{twice}"
    );
    let own = "[tokens]\nissuer = \"https://login.example.com\"\n";
    let own = said(&format!("{own}{ISSUER}"));
    assert!(own.contains("is Bulla's own `tokens.issuer`"), "{own}");
    let other = ISSUER.replace("login.", "other.");
    assert_eq!(
        file(&format!("{ISSUER}{other}"))
            .load()
            .trusted_issuers
            .len(),
        2
    );
}

#[test]
fn near_misses_have_their_line_and_a_suggestion() {
    for (line, expected) in [
        (
            "algorithm = \"RS256\"",
            "`trusted_issuer[1].algorithm`: unknown key; did you mean `trusted_issuer[1].algorithms`?",
        ),
        (
            "claims = { role = \"x\" }",
            "`trusted_issuer[1].claims.role`: unknown key; did you mean `trusted_issuer[1].claims.roles`?",
        ),
        (
            "claims = { roles = \"a..b\" }",
            "`trusted_issuer[1].claims.roles`: expected a claim's name",
        ),
        (
            "claims = { roles = [] }",
            "`trusted_issuer[1].claims.roles`: expected a claim's name",
        ),
        (
            "claims = { roles = 1 }",
            "`trusted_issuer[1].claims.roles`: expected the name of a claim",
        ),
        ("typ = []", "`trusted_issuer[1].typ`: must not be empty"),
        (
            "leeway = \"1h\"",
            "`trusted_issuer[1].leeway`: expected 0s to 600s",
        ),
        ("leeway = \"30\"", "did you mean `30s`?"),
        (
            "jwks_max_age = \"1s\"",
            "`trusted_issuer[1].jwks_max_age`: expected 60s to 30d",
        ),
        (
            "jwks_addresses = [\"10.0.0.1/8\"]",
            "did you mean `10.0.0.0/8`?",
        ),
        (
            "decryption_algorithm = \"RSA-OAEP-256\"",
            "says nothing without `decryption_key`",
        ),
    ] {
        let said = said_of(line);
        assert!(said.starts_with("bulla.toml:6: "), "{said}");
        assert!(said.contains(expected), "{said} should say {expected}");
    }
    let unknown = said_of("decryption_key = \"k\"\ndecryption_algorithm = \"RSA-OAEP-265\"");
    assert!(
        unknown.contains("did you mean `RSA-OAEP-256`?"),
        "{unknown}"
    );
    let unknown = said(&ISSUER.replace("RS256", "RS265"));
    assert!(unknown.contains("did you mean `RS256`?"), "{unknown}");
    let none = said(&ISSUER.replace("[\"RS256\"]", "[]"));
    assert!(
        none.contains("`trusted_issuer[1].algorithms`: must not be empty"),
        "{none}"
    );
}
