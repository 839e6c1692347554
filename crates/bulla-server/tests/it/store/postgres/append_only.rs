//! No statement changes the audit log, or removes what is still to be kept.

use bulla_core::audit::AuditFilter;
use bulla_core::store::{AuditStore, Retention, Store};

use super::{add, at, new_store, stranger};

#[tokio::test]
async fn whoever_can_write_the_database_can_only_add_to_the_audit_log() {
    let (url, store) = new_store().await;
    add(&store, "ada", 1).await;
    let client = stranger(&url).await;
    for statement in [
        "UPDATE audit_events SET kind = 'login'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "INSERT INTO audit_events OVERRIDING SYSTEM VALUE SELECT * FROM audit_events \
             ON CONFLICT (number) DO UPDATE SET kind = 'login'",
    ] {
        let refused = client.batch_execute(statement).await.unwrap_err();
        let reason = refused.as_db_error().unwrap().message();
        assert_eq!(reason, "the audit log is append-only", "{statement}");
    }
    let filter = AuditFilter::default();
    assert_eq!(store.audit_events(&filter, 9).await.unwrap().len(), 1);

    let retention = Retention {
        ended_before: at(0),
        revoked_until: at(0),
        expired_before: at(0),
        recorded_before: Some(at(1)),
    };
    assert_eq!(store.purge(retention, 9).await.unwrap(), 1);
    assert_eq!(store.audit_events(&filter, 9).await.unwrap(), []);
}
