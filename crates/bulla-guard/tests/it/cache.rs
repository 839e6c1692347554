//! The cache of verified tokens: what it spares, and what it never does.

use std::{sync::Arc, thread, time::Duration};

use bulla_guard::{
    keys::KeySet,
    problem::Code,
    revocation::{RevocationRecord, RevocationSet, Target},
    verifier::{CacheStatus, Verifier},
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::JwkSet,
    jwt::{self, Audience, UnixTime, VerificationPolicy},
};
use serde_json::json;

use crate::issuer::{Issuer, NOW, after, claims, claims_with};

const MIB: usize = 1 << 20;

fn cached(issuer: &Issuer) -> Verifier {
    issuer.verifier().with_cache(MIB)
}

fn status(verifier: &Verifier) -> CacheStatus {
    verifier.cache_status().unwrap()
}

fn hits_and_misses(verifier: &Verifier) -> (u64, u64) {
    (status(verifier).hits, status(verifier).misses)
}

fn refusal(verifier: &Verifier, token: &str, now: UnixTime) -> Code {
    verifier.verify(token, now).unwrap_err().code
}

#[test]
fn a_token_that_comes_again_is_found_and_speaks_for_the_same_principal() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    let first = verifier.verify(&token, NOW).unwrap();
    assert_eq!(hits_and_misses(&verifier), (0, 1));
    let second = verifier.verify(&token, after(1)).unwrap();
    assert_eq!(hits_and_misses(&verifier), (1, 1));
    assert_eq!(*first, *second);
    assert_eq!(status(&verifier).tokens, 1);
}

#[test]
fn without_a_cache_there_is_nothing_to_ask() {
    let issuer = Issuer::new();
    assert_eq!(issuer.verifier().cache_status(), None);
}

#[test]
fn only_tokens_that_hold_take_up_room() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let good = issuer.sign(&claims());
    let (head, signature) = good.rsplit_once('.').unwrap();
    let stranger = Issuer::new().sign(&claims());
    let elsewhere = issuer.sign(&claims_with(json!({"aud": "other"})));
    let expired = issuer.sign(&claims_with(json!({"exp": NOW.as_seconds()})));
    let mut forged: Vec<String> = (0..100)
        .map(|n| format!("{head}.{n:04}{}", &signature[4..]))
        .collect();
    forged.extend([
        stranger,
        elsewhere,
        expired,
        String::new(),
        "x".repeat(100_000),
    ]);
    for token in &forged {
        assert!(verifier.verify(token, NOW).is_err());
        assert!(verifier.verify(token, NOW).is_err());
    }
    assert_eq!((status(&verifier).tokens, status(&verifier).bytes), (0, 0));
    assert!(verifier.verify(&good, NOW).is_ok());
    assert_eq!(status(&verifier).tokens, 1);
}

#[test]
fn a_token_that_differs_in_one_byte_is_another() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    verifier.verify(&token, NOW).unwrap();
    for position in 0..token.len() {
        let mut other = token.clone().into_bytes();
        other[position] = if other[position] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        assert!(verifier.verify(&other, NOW).is_err(), "byte {position}");
    }
    assert_eq!(status(&verifier).hits, 0);
    assert!(verifier.verify(&token, NOW).is_ok());
}

#[test]
fn a_cached_token_ends_to_the_second() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    for _ in 0..2 {
        assert!(verifier.verify(&token, after(899)).is_ok());
        assert_eq!(refusal(&verifier, &token, after(900)), Code::TokenExpired);
    }
}

#[test]
fn a_cached_token_does_not_hold_before_its_time() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims_with(json!({"nbf": after(5).as_seconds()})));
    assert!(verifier.verify(&token, after(5)).is_ok());
    // The clock was set back.
    assert_eq!(refusal(&verifier, &token, after(4)), Code::TokenNotYetValid);
    assert!(verifier.verify(&token, after(5)).is_ok());
}

#[test]
fn the_leeway_counts_for_a_cached_token_too() {
    let issuer = Issuer::new();
    let policy = VerificationPolicy::new(
        jwt::Issuer::new("https://issuer.example").unwrap(),
        Audience::new("api").unwrap(),
        &["at+jwt"],
        &[Algorithm::Es256],
    );
    let policy = policy.with_leeway(Duration::from_secs(30));
    let keys = Arc::new(KeySet::fixed(issuer.keys()));
    let verifier = Verifier::new(keys, policy, Arc::new(RevocationSet::new())).with_cache(MIB);
    let token = issuer.sign(&claims_with(json!({"nbf": after(60).as_seconds()})));
    for _ in 0..2 {
        assert_eq!(
            refusal(&verifier, &token, after(29)),
            Code::TokenNotYetValid
        );
        assert!(verifier.verify(&token, after(30)).is_ok());
        assert!(verifier.verify(&token, after(929)).is_ok());
        assert_eq!(refusal(&verifier, &token, after(930)), Code::TokenExpired);
    }
}

#[test]
fn a_revocation_counts_for_a_cached_token_at_once() {
    let issuer = Issuer::new();
    let targets = [
        Target::Key(issuer.key.key_id().as_str().into()),
        Target::Token("token-1".into()),
        Target::Session("session-1".into()),
        Target::Subject {
            subject: "usr_alice".into(),
            min_epoch: Some(4),
        },
        Target::Client("bulla".into()),
    ];
    for target in targets {
        let verifier = cached(&issuer);
        let token = issuer.sign(&claims());
        assert!(verifier.verify(&token, NOW).is_ok());
        assert!(verifier.verify(&token, NOW).is_ok());
        let record = RevocationRecord {
            target,
            until: after(900),
        };
        verifier.revocations().apply([record]);
        assert_eq!(refusal(&verifier, &token, NOW), Code::TokenRevoked);
    }
}

#[test]
fn other_keys_ask_for_the_signature_again() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    verifier.verify(&token, NOW).unwrap();

    verifier.keys().replace(Issuer::new().keys());
    assert_eq!(refusal(&verifier, &token, NOW), Code::TokenExpired);
    verifier.keys().replace(JwkSet::new(Vec::new()));
    assert_eq!(refusal(&verifier, &token, NOW), Code::KeysUnavailable);

    verifier.keys().replace(issuer.keys());
    let before = status(&verifier);
    assert!(verifier.verify(&token, NOW).is_ok());
    assert!(verifier.verify(&token, NOW).is_ok());
    let after = status(&verifier);
    assert_eq!(
        (after.hits - before.hits, after.misses - before.misses),
        (1, 1)
    );
    assert_eq!(after.tokens, 1, "it took the place of the old one");
}

#[test]
fn what_ends_something_takes_no_token_from_the_cache_and_puts_none_in() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    assert!(verifier.verify_ended(&token, after(1000)).is_ok());
    assert_eq!(status(&verifier), CacheStatus::default());
}

#[test]
fn a_flood_of_tokens_stays_within_the_bytes_and_spares_those_in_use() {
    let issuer = Issuer::of(Algorithm::Hs256);
    let policy = VerificationPolicy::new(
        jwt::Issuer::new("https://issuer.example").unwrap(),
        Audience::new("api").unwrap(),
        &["at+jwt"],
        &[Algorithm::Hs256],
    );
    let keys = Arc::new(KeySet::fixed(issuer.keys()));
    let verifier = Verifier::new(keys, policy, Arc::new(RevocationSet::new())).with_cache(MIB);
    let mine = issuer.sign(&claims());
    verifier.verify(&mine, NOW).unwrap();
    for number in 0..5_000 {
        let token = issuer.sign(&claims_with(json!({"jti": format!("flood-{number}")})));
        verifier.verify(&token, NOW).unwrap();
        if number % 20 == 0 {
            let before = status(&verifier).hits;
            verifier.verify(&mine, NOW).unwrap();
            assert_eq!(status(&verifier).hits, before + 1, "after {number} others");
        }
        assert!(status(&verifier).bytes <= MIB);
    }
    let status = status(&verifier);
    assert!(status.tokens > 100, "{status:?}");
    assert_eq!(status.evicted + status.tokens as u64, 5_001);
}

#[test]
fn expired_tokens_make_room_before_it_is_needed() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let sign = |number: u32, exp: u64| {
        let changes = json!({"jti": number.to_string(), "exp": after(exp).as_seconds()});
        issuer.sign(&claims_with(changes))
    };
    for number in 0..20 {
        verifier.verify(&sign(number, 10), NOW).unwrap();
    }
    for number in 20..60 {
        verifier.verify(&sign(number, 900), after(10)).unwrap();
    }
    assert_eq!(status(&verifier).tokens, 40);
}

#[test]
fn a_token_larger_than_its_share_is_not_kept() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier().with_cache(4096);
    let large = issuer.sign(&claims_with(json!({"note": "n".repeat(4000)})));
    for _ in 0..2 {
        assert!(verifier.verify(&large, NOW).is_ok());
    }
    assert_eq!(hits_and_misses(&verifier), (0, 2));
    assert_eq!(status(&verifier).bytes, 0);
}

#[test]
fn a_use_is_reported_at_first_and_then_once_in_each_interval() {
    const INTERVAL: Duration = Duration::from_millis(2500);
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    let due = |milliseconds: u64| {
        let verified = verifier.verify(&token, NOW).unwrap();
        verified.sighting_due(1_000_000 + milliseconds, INTERVAL)
    };
    assert!(due(0));
    assert!(!due(1));
    assert!(!due(2499));
    assert!(due(2500));
    assert!(!due(4999));
    assert!(due(60_000), "long after it was first seen");
    assert!(due(10), "after a clock that was set back");
    assert!(!due(11));
    verifier.keys().replace(issuer.keys());
    assert!(!due(12), "verified anew with other keys, but seen before");
}

#[test]
fn one_of_many_at_once_reports() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    verifier.verify(&token, NOW).unwrap();
    let due = thread::scope(|scope| {
        let asking = || {
            (0..1000)
                .filter(|_| {
                    let verified = verifier.verify(&token, NOW).unwrap();
                    verified.sighting_due(7, Duration::from_secs(5))
                })
                .count()
        };
        let threads = [(); 4].map(|()| scope.spawn(asking));
        threads
            .map(|thread| thread.join().unwrap())
            .iter()
            .sum::<usize>()
    });
    assert_eq!(due, 1);
    assert_eq!(status(&verifier).hits, 4000);
}

#[test]
fn nothing_shows_a_cached_token() {
    let issuer = Issuer::new();
    let verifier = cached(&issuer);
    let token = issuer.sign(&claims());
    let verified = verifier.verify(&token, NOW).unwrap();
    let shown = format!("{verified:?} {verifier:?}");
    let signature = token.rsplit_once('.').unwrap().1;
    assert!(!shown.contains(signature), "{shown}");
}
