use std::thread;

use bulla_guard::{
    principal::Principal,
    problem::Code,
    revocation::{RevocationRecord, RevocationSet, RevokedBy, Target},
    verified::Verified,
};
use serde_json::{Value, json};

use crate::issuer::{Issuer, NOW, after, claims, claims_with, claims_without};

fn record(target: Target) -> RevocationRecord {
    RevocationRecord {
        target,
        until: after(900),
    }
}

fn set(targets: impl IntoIterator<Item = Target>) -> RevocationSet {
    let set = RevocationSet::new();
    set.apply(targets.into_iter().map(record));
    set
}

fn principal(claims: &Value) -> Verified {
    Issuer::new().principal(claims)
}

fn subject(min_epoch: Option<u64>) -> Target {
    Target::Subject {
        subject: "usr_alice".into(),
        min_epoch,
    }
}

#[test]
fn each_kind_hits_its_own_token_and_no_other() {
    let principal = principal(&claims());
    let key_id = principal.key_id.clone().unwrap();
    for (hit, miss, by) in [
        (
            Target::Token("token-1".into()),
            Target::Token("session-1".into()),
            RevokedBy::Token,
        ),
        (
            Target::Session("session-1".into()),
            Target::Session("session-2".into()),
            RevokedBy::Session,
        ),
        (
            subject(None),
            Target::Subject {
                subject: "usr_alic".into(),
                min_epoch: None,
            },
            RevokedBy::Subject,
        ),
        (
            Target::Client("bulla".into()),
            Target::Client("Bulla".into()),
            RevokedBy::Client,
        ),
        (
            Target::Key(key_id),
            Target::Key(String::new()),
            RevokedBy::Key,
        ),
    ] {
        assert_eq!(set([miss.clone()]).revoked_by(&principal), None, "{miss:?}");
        assert_eq!(
            set([hit.clone()]).revoked_by(&principal),
            Some(by),
            "{hit:?}"
        );
    }
}

#[test]
fn a_token_without_the_claim_is_not_hit() {
    let set = set([
        Target::Session("session-1".into()),
        Target::Client("bulla".into()),
    ]);
    assert_eq!(
        set.revoked_by(&principal(&claims())),
        Some(RevokedBy::Session)
    );
    let bare = claims_with(json!({"sid": "session-2", "client_id": "other"}));
    assert_eq!(set.revoked_by(&principal(&bare)), None);
    let without = claims_without("sid");
    assert_eq!(
        set.revoked_by(&principal(&without)),
        Some(RevokedBy::Client)
    );
}

#[test]
fn min_epoch_hits_older_tokens_only() {
    let set = set([subject(Some(3))]);
    for (epoch, expected) in [(2, Some(RevokedBy::Subject)), (3, None), (4, None)] {
        let principal = principal(&claims_with(json!({"epoch": epoch})));
        assert_eq!(set.revoked_by(&principal), expected, "epoch {epoch}");
    }
    let without = principal(&claims_without("epoch"));
    assert_eq!(set.revoked_by(&without), Some(RevokedBy::Subject));
}

#[test]
fn the_higher_min_epoch_stays_in_whatever_order_they_come() {
    for epochs in [[3, 4], [4, 3]] {
        let set = set(epochs.map(|epoch| subject(Some(epoch))));
        assert_eq!(
            set.revoked_by(&principal(&claims())),
            Some(RevokedBy::Subject)
        );
        let newer = principal(&claims_with(json!({"epoch": 4})));
        assert_eq!(set.revoked_by(&newer), None);
        assert_eq!(set.len(), 1);
    }
}

#[test]
fn pruning_forgets_what_is_over_and_nothing_else() {
    let set = RevocationSet::new();
    assert!(set.is_empty());
    let key_id = "some key".to_owned();
    for (target, seconds) in [
        (Target::Session("session-1".into()), 900),
        (Target::Token("old".into()), 10),
        (Target::Client("old".into()), 11),
        (Target::Key(key_id), 10),
        (subject(None), 10),
        (subject(Some(3)), 11),
    ] {
        set.apply([RevocationRecord {
            target,
            until: after(seconds),
        }]);
    }
    assert_eq!(set.len(), 5);

    assert_eq!(set.prune(after(9)), 0);
    assert_eq!(set.prune(after(10)), 2, "the token and the key");
    let other_session = |epoch| principal(&claims_with(json!({"sid": "s", "epoch": epoch})));
    assert_eq!(
        set.revoked_by(&other_session(3)),
        None,
        "the record of all tokens is over"
    );
    assert_eq!(set.revoked_by(&other_session(2)), Some(RevokedBy::Subject));

    assert_eq!(set.prune(after(11)), 2, "the client and the subject");
    assert_eq!(set.revoked_by(&other_session(2)), None);
    assert_eq!(
        set.revoked_by(&principal(&claims())),
        Some(RevokedBy::Session)
    );
    assert_eq!(set.len(), 1);
}

#[test]
fn a_repeated_record_never_shortens_the_first() {
    let set = RevocationSet::new();
    let session = || Target::Session("session-1".into());
    set.apply([
        RevocationRecord {
            target: session(),
            until: after(100),
        },
        RevocationRecord {
            target: session(),
            until: after(50),
        },
    ]);
    assert_eq!(set.prune(after(99)), 0);
    assert_eq!(
        set.revoked_by(&principal(&claims())),
        Some(RevokedBy::Session)
    );
    assert_eq!(set.prune(after(100)), 1);
}

#[test]
fn a_record_counts_as_soon_as_apply_returns_while_others_write_and_prune() {
    let set = RevocationSet::new();
    let template = principal(&claims());
    thread::scope(|scope| {
        for writer in 0..4 {
            let (set, template) = (&set, &template);
            scope.spawn(move || {
                for number in 0..500 {
                    let mut principal = Principal::clone(template);
                    let session = format!("{writer}/{number}");
                    principal.session = Some(session.clone());
                    assert_eq!(set.revoked_by(&principal), None);
                    set.apply([record(Target::Session(session))]);
                    assert_eq!(set.revoked_by(&principal), Some(RevokedBy::Session));
                }
            });
        }
        scope.spawn(|| (0..100).for_each(|_| assert_eq!(set.prune(NOW), 0)));
    });
    assert_eq!(set.len(), 2_000);
}

#[test]
fn a_revoked_token_is_refused_at_the_next_request() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let token = issuer.sign(&claims());
    assert!(verifier.verify(&token, NOW).is_ok());
    verifier
        .revocations()
        .apply([record(Target::Session("session-1".into()))]);
    let refusal = verifier.verify(&token, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenRevoked);
}
