//! What every store must do, as one suite: run over the in-memory store here, and over each
//! engine where it is built.

use std::{sync::Arc, time::Duration};

use bulla_core::{
    account::Account,
    audit::{AuditEvent, AuditFilter},
    revocation::RevocationTerm,
    session::{EndReason, Ended, Session},
    store::Store,
    time::Timestamp,
};

use crate::{RecordedRevocations, builders};

mod accounts;
mod all_sessions;
mod audit;
mod changes;
mod clients;
mod ends;
mod imports;
mod issuers;
mod keys;
mod links;
mod password_hashes;
mod publication;
mod purge;
mod revocations;
mod rotation;
mod sessions;
mod taken;
mod visitors;

pub use issuers::{Heeded, of_two_issuers};

/// Runs the whole suite, each test on a store that `make` made new and empty, and that publishes
/// its revocations to what `make` was given.
///
/// # Panics
/// With the first test that fails.
pub async fn all<S: Store, F: AsyncFn(Arc<RecordedRevocations>) -> S>(make: F) {
    publication::all(&make).await;
    let make = async || make(Arc::default()).await;
    accounts::all(&make).await;
    visitors::all(&make).await;
    changes::all(&make).await;
    password_hashes::all(&make).await;
    imports::all(&make).await;
    sessions::all(&make).await;
    ends::all(&make).await;
    all_sessions::all(&make).await;
    rotation::all(&make).await;
    keys::all(&make).await;
    links::all(&make).await;
    clients::all(&make).await;
    revocations::all(&make).await;
    audit::all(&make).await;
    purge::all(&make).await;
    make().await.check().await.expect("an empty store answers");
}

const T: Duration = Duration::from_secs(60);
const IDLE: Duration = Duration::from_secs(14 * 24 * 3600);

/// Of a revocation at that time, of tokens that live for 900 seconds.
fn term(seconds: i64) -> RevocationTerm {
    builders::term(at(seconds))
}

/// A point in time, in seconds after the first one.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + seconds * 1000)
}

fn ended(seconds: i64, reason: EndReason) -> Ended {
    Ended {
        at: at(seconds),
        reason,
    }
}

/// Stores the account of this name, made at the first point in time.
async fn with_account(store: &impl Store, name: &str) -> Account {
    let account = builders::account(name, at(0));
    let creation = builders::creation(&account, None);
    let created = store.create_account(&creation).await;
    created.expect("a new account is stored");
    account
}

/// Stores the account of this name and its first session, whose identity is 16 times `byte`.
async fn with_session(store: &impl Store, name: &str, byte: u8) -> (Account, Session) {
    let account = builders::account(name, at(0));
    let session = builders::session(builders::session_id(byte), &account.id, at(0));
    let creation = builders::creation(&account, Some(&session));
    let created = store.create_account(&creation).await;
    created.expect("a new account is stored");
    (account, session)
}

/// The account as it is stored.
async fn stored(store: &impl Store, account: &Account) -> Account {
    store
        .account(&account.id)
        .await
        .expect("the store answers")
        .expect("the account is there")
}

/// The session as it is stored.
async fn stored_session(store: &impl Store, session: &Session) -> Session {
    store
        .session(session.id)
        .await
        .expect("the store answers")
        .expect("the session is there")
        .0
}

/// Up to `limit` of the account's audit events, the newest first.
async fn events(store: &impl Store, account: &Account, limit: u32) -> Vec<AuditEvent> {
    let filter = AuditFilter::of_account(&account.id);
    let records = store.audit_events(&filter, limit).await;
    let records = records.expect("the store answers");
    records.into_iter().map(|record| record.event).collect()
}
