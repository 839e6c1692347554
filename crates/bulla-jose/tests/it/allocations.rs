use bulla_jose::{
    jwa::Algorithm,
    jwk::JwkSet,
    jwt::{self, Audience, Issuer, Scratch, UnixTime, VerificationPolicy},
};
use serde::Deserialize;
use serde_json::json;

use crate::{forge::NOW, jwt::key_of};

#[derive(Deserialize)]
struct Claims<'a> {
    sub: &'a str,
    sid: &'a str,
}

#[test]
fn verifying_a_token_of_a_known_header_allocates_nothing() {
    for algorithm in [
        Algorithm::Hs256,
        Algorithm::Rs256,
        Algorithm::Es256,
        Algorithm::EdDsa,
    ] {
        let key = key_of(algorithm);
        let claims = json!({
            "iss": "https://api.example.com", "sub": "usr_AAAAAAAAAAAAAAAAAAAAAA", "aud": ["x", "api"],
            "client_id": "bulla", "iat": NOW, "exp": NOW + 900, "jti": "t", "sid": "s", "gen": 3,
            "scope": "a b", "roles": ["admin"], "plan": "free",
        });
        let token = jwt::sign(key, "at+jwt", &claims).unwrap();
        let keys = JwkSet::new(vec![key.verifying_key().clone()]);
        let policy = VerificationPolicy::new(
            Issuer::new("https://api.example.com").unwrap(),
            Audience::new("api").unwrap(),
            &["at+jwt"],
            &[algorithm],
        );
        let now = UnixTime::from_seconds(NOW);
        let mut scratch = Scratch::default();
        let mut verify = || {
            let verified =
                jwt::verify_in::<Claims<'_>>(&token, &keys, &policy, now, &mut scratch).unwrap();
            (verified.claims().sub.len(), verified.claims().sid.len())
        };
        assert_eq!(verify(), (26, 1), "the first one learns the header");
        let measured = allocation_counter::measure(|| {
            verify();
        });
        assert_eq!(measured.count_total, 0, "{algorithm}");
    }
}
