//! The audit log, as several write it at once.

use std::sync::Arc;

use bulla_core::{
    audit::{AuditFilter, AuditKind},
    store::{AccountStore, AuditStore},
};
use bulla_server::store::postgres::PostgresStore;
use bulla_test::builders;

use super::{add, at, new_store, stranger, until, waiting};

/// The numbers of all events, the newest first.
async fn numbers(store: &PostgresStore) -> Vec<u64> {
    let records = store.audit_events(&AuditFilter::default(), 9).await;
    let records = records.unwrap().into_iter();
    records.map(|record| record.number).collect()
}

#[tokio::test]
async fn no_event_comes_to_light_below_one_that_was_seen() {
    let (url, store) = new_store().await;
    let store = Arc::new(store);
    let (ada, _) = add(&store, "ada", 1).await;
    let (mut holder, observer) = (stranger(&url).await, stranger(&url).await);
    let held = holder.transaction().await.unwrap();
    let lock = "SELECT 1 FROM revocation_head FOR UPDATE";
    held.batch_execute(lock).await.unwrap();

    let deleted = builders::event(at(1), AuditKind::AccountDeleted, &ada.id);
    let deleting = tokio::spawn({
        let (store, id, event) = (Arc::clone(&store), ada.id.clone(), deleted.clone());
        async move {
            store
                .delete_account(&id, builders::term(at(1)), &event)
                .await
        }
    });
    until("the deletion", async || {
        !waiting(&observer).await.is_empty()
    })
    .await;
    let failed = builders::event(at(2), AuditKind::PasswordWrong, &ada.id);
    store.record(&[failed]).await.unwrap();
    let seen = numbers(&store).await;
    held.rollback().await.unwrap();
    assert!(deleting.await.unwrap().unwrap());

    let after = numbers(&store).await;
    assert_eq!(after.len(), seen.len() + 1);
    assert_eq!(after[1..], seen, "what was seen is at the end");
}

#[tokio::test]
async fn thousands_of_events_are_one_statement() {
    let (url, store) = new_store().await;
    let client = stranger(&url).await;
    client
        .batch_execute(
            "CREATE TABLE statements (number integer GENERATED ALWAYS AS IDENTITY); \
             CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN INSERT INTO bulla.statements DEFAULT VALUES; RETURN NULL; END $$; \
             CREATE TRIGGER counted AFTER INSERT ON audit_events \
                 FOR EACH STATEMENT EXECUTE FUNCTION count_statement()",
        )
        .await
        .unwrap();
    let ada = builders::account("ada", at(0));
    let event = |number| builders::event(at(number), AuditKind::PasswordWrong, &ada.id);
    let events: Vec<_> = (0..4096).map(event).collect();
    store.record(&events).await.unwrap();

    let sql = "SELECT (SELECT count(*) FROM audit_events), (SELECT count(*) FROM statements)";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), (4096_i64, 1_i64));
    let recorded = store.audit_events(&AuditFilter::default(), 3).await;
    let recorded = recorded.unwrap().into_iter().map(|record| record.event);
    assert!(recorded.eq([event(4095), event(4094), event(4093)]));
}
