//! What must hold at every moment.

use std::time::Duration;

use bulla_core::{
    key::{KeyState, StoredSigningKey, life::VIEW_AGE, ring::KeyView},
    revocation::{RevocationRecord, RevocationTarget},
    time::Timestamp,
};
use bulla_jose::jwk::{JwkSet, KeyId};

use super::{
    Order, PATIENCE, SCHEDULE, SKEW,
    history::{History, count, promoted, revoked_in},
};

/// By how much two clocks may differ.
const APART: Duration = SKEW.saturating_mul(2);

/// What an issuer did to the keys, when it was that late there.
pub(super) fn of_a_change(history: &History, order: Order, now: Timestamp) {
    let after = history.stored();
    let before = history.before().expect("it is a change");
    for key in before.all() {
        let is_revoked = revoked_in(before, &key.key_id);
        assert!(
            !is_revoked || revoked_in(after, &key.key_id),
            "{} is revoked no more",
            key.key_id
        );
    }
    for key in promoted(before, after) {
        let ahead = match order {
            // The brake waits for nobody.
            Order::Revoke { .. } => continue,
            // Whoever decides may be behind whoever made the key.
            Order::Rotate { at_once: true } | Order::Import { at_once: true, .. } => {
                VIEW_AGE - APART
            }
            _ => SCHEDULE.publish_ahead,
        };
        let (id, from) = (&key.key_id, key.signs_from.expect("it is promoted"));
        let all_know = now.before(PATIENCE + APART).after(VIEW_AGE);
        assert!(from >= all_know, "{order:?}: {id} signs before all know");
        let is_hastened = before.find(id).is_some_and(|key| key.signs_from.is_some());
        let is_of_age = from >= key.created_at.after(ahead);
        assert!(is_hastened || is_of_age, "{order:?}: {id} signs too young");
    }
    assert_eq!(count(after, KeyState::Active, now), 1, "one signs");
    let waiting = |key: &&StoredSigningKey| key.is_live() && key.signs_from.is_none();
    let waiting = after.all().iter().filter(waiting).count();
    assert_eq!(waiting, 1, "{order:?}: one waits to be promoted");
}

/// A token that was signed with this key by an issuer that goes by `view`, the verifier beside it by `verifying`. Times are
/// by the issuer's clock, and the true one.
pub(super) fn of_a_signature(
    history: &History,
    key: &KeyId,
    view: &KeyView,
    verifying: &JwkSet,
    (now, true_now): (Timestamp, Timestamp),
) {
    let revision = view.keys().revision;
    let outdated_for = history.outdated_for(revision, true_now);
    assert!(
        outdated_for < VIEW_AGE + APART,
        "{key} signs by what has not been true for {outdated_for:?}"
    );
    assert!(
        knows(verifying, key),
        "{key} signs and does not verify there"
    );
    assert!(!revoked_in(view.keys(), key), "{key} is revoked and signs");
    // The brake takes its key away at once: whoever does not know yet signs what is refused.
    let is_fresh = outdated_for + APART + PATIENCE < VIEW_AGE;
    if is_fresh && !history.is_revoked_since(revision) {
        let active = history.stored().active(now).map(|active| &active.key_id);
        assert_eq!(active, Some(key), "two keys sign at one time");
    }
}

/// What verifies with these keys, which are those of that revision. Times are by its clock, and the true one.
pub(super) fn of_a_verifier(
    history: &History,
    keys: &JwkSet,
    revision: u64,
    (now, true_now): (Timestamp, Timestamp),
) {
    for (key, end) in history.ends() {
        let stored = history.stored().find(key).expect("no key is forgotten");
        if revoked_in(history.stored(), key) {
            let was_known = revoked_in(history.at(revision), key);
            assert!(
                !was_known || !knows(keys, key),
                "{key} is revoked and verifies"
            );
        } else if end > now && !knows(keys, key) {
            let news_for = history.news_for(key, revision, true_now);
            // None at all if it was known, and is gone before its last token.
            let lead = lead(stored);
            assert!(
                news_for.is_some_and(|news_for| news_for >= lead),
                "{key} was published for {lead:?} and is not known after {news_for:?}"
            );
        }
    }
}

/// A revocation lasts longer than any token that it hits.
pub(super) fn of_revocations(history: &History, revoked: &[RevocationRecord]) {
    for (key, end) in history.ends() {
        if revoked_in(history.stored(), key) {
            let target = RevocationTarget::Key(key.clone());
            let record = revoked.iter().find(|record| record.target == target);
            let until = record.map(|record| record.until);
            assert!(until >= Some(end), "{key} is good again, {until:?}");
        }
    }
}

/// For how long, at least, a key is in the store before anybody signs with it.
fn lead(key: &StoredSigningKey) -> Duration {
    let from = key.signs_from.expect("it has signed");
    from.since(key.created_at).saturating_sub(APART + PATIENCE)
}

fn knows(keys: &JwkSet, id: &KeyId) -> bool {
    keys.keys().iter().any(|key| key.key_id() == Some(id))
}
