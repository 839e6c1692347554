//! A database that is another one's past: the last revocations are missing, and their numbers are given again.

use bulla_core::{session::Session, store::RevocationStore};
use bulla_server::store::postgres::PostgresStore;
use bulla_test::PostgresServer;

use super::{
    add, at,
    issuers::{end, issuer},
    stranger, until,
};

/// How many revocations there are…
const BEFORE: u8 = 5;
/// …and how many of them the database still has afterwards.
const LEFT: i64 = 2;

/// Sessions that are not ended yet.
async fn sessions(store: &PostgresStore, name: &str, numbers: std::ops::Range<u8>) -> Vec<Session> {
    let mut sessions = Vec::new();
    for number in numbers {
        sessions.push(add(store, &format!("{name}{number}"), number).await.1);
    }
    sessions
}

#[tokio::test]
async fn what_an_issuer_itself_revokes_afterwards_takes_effect() {
    let url = PostgresServer::shared().database();
    let (store, heeded) = issuer(&url).await;
    for session in sessions(&store, "before", 0..BEFORE).await {
        end(&store, &session).await;
    }
    let after = sessions(&store, "after", 10..16).await;
    let client = stranger(&url).await;
    for session in &after {
        // It is put back again before each, so that no look comes in time.
        let back = format!(
            "DELETE FROM revocations WHERE sequence > {LEFT}; UPDATE revocation_head SET sequence = {LEFT}"
        );
        client.batch_execute(&back).await.unwrap();
        end(&store, session).await;
        assert!(heeded.hits_session(session.id));
    }
}

#[tokio::test]
async fn what_others_revoke_afterwards_is_heeded_whatever_its_numbers_are() {
    // As far as before, further, and not so far.
    for revoked in [3, 7, 1] {
        let url = PostgresServer::shared().database();
        let (store, heeded) = issuer(&url).await;
        for session in sessions(&store, "before", 0..BEFORE).await {
            end(&store, &session).await;
        }
        let after = sessions(&store, "after", 10..10 + revoked).await;
        let client = stranger(&url).await;
        // At once, as it is when a standby has taken over.
        let mut other = format!("BEGIN; DELETE FROM revocations WHERE sequence > {LEFT};");
        for (number, session) in (LEFT + 1..).zip(&after) {
            let id: String = session
                .id
                .as_bytes()
                .map(|byte| format!("{byte:02x}"))
                .concat();
            other.push_str(&format!(
                "INSERT INTO revocations (sequence, kind, key, until) VALUES ({number}, 'sid', '\\x{id}', 2000000);"
            ));
        }
        let head = LEFT + i64::from(revoked);
        other.push_str(&format!(
            "UPDATE revocation_head SET sequence = {head}; COMMIT"
        ));
        client.batch_execute(&other).await.unwrap();
        for session in &after {
            until("the news", async || heeded.hits_session(session.id)).await;
        }
        let live = store.revocations(0, at(0)).await.unwrap();
        assert_eq!(live.len(), usize::try_from(head).unwrap());
    }
}

#[tokio::test]
async fn more_revocations_than_are_read_at_once_are_read() {
    const MANY: u64 = 25_000;
    let url = PostgresServer::shared().database();
    let (store, heeded) = issuer(&url).await;
    let (_, session) = add(&store, "ada", 1).await;
    let client = stranger(&url).await;
    let many = format!(
        "BEGIN; INSERT INTO revocations (sequence, kind, key, until) \
             SELECT number, 'jti', convert_to('t' || number, 'UTF8'), 2000000 FROM generate_series(1, {MANY}) number; \
         UPDATE revocation_head SET sequence = {MANY}; COMMIT"
    );
    client.batch_execute(&many).await.unwrap();
    end(&store, &session).await;
    let published = heeded.records().into_iter().map(|record| record.sequence);
    assert!(published.eq(1..=MANY + 1));
    let live = store.revocations(0, at(0)).await.unwrap();
    assert!(
        live.into_iter()
            .map(|record| record.sequence)
            .eq(1..=MANY + 1)
    );
}
