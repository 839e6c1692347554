//! Databases that are not opened, and stay as they were.

use std::sync::Arc;

use bulla_server::store::postgres::{OpenError, UntouchedDatabase};
use bulla_test::PostgresServer;

use super::{add, new_store, open, settings, stranger};

async fn refusal(url: &str) -> OpenError {
    let url = url.parse().unwrap();
    let Err(refused) = UntouchedDatabase::reach(&url).await else {
        panic!("it was opened");
    };
    assert!(
        !refused.to_string().contains(PostgresServer::PASSWORD),
        "{refused}"
    );
    refused
}

/// All that is in a database, as far as it has a name.
fn inventory(url: &str) -> String {
    PostgresServer::shared().query(
        PostgresServer::name(url),
        "SELECT n.nspname, c.relname, c.relkind, pg_relation_filenode(c.oid) FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2",
    )
}

#[tokio::test]
async fn one_of_a_newer_version_is_refused() {
    let (url, store) = new_store().await;
    store.close().await;
    let client = stranger(&url).await;
    let newer = "UPDATE schema_version SET version = version + 99";
    client.batch_execute(newer).await.unwrap();
    let before = inventory(&url);
    let refused = refusal(&url).await;
    assert!(
        matches!(refused, OpenError::NewerSchema { found, known, .. } if found == known + 99),
        "{refused}"
    );
    assert_eq!(inventory(&url), before);
    client
        .batch_execute("UPDATE schema_version SET version = version - 99")
        .await
        .unwrap();
    open(
        &settings(&url),
        Arc::new(bulla_test::RecordedRevocations::default()),
    )
    .await;
}

#[tokio::test]
async fn a_schema_that_is_not_ours_is_refused_and_others_are_left_alone() {
    let url = PostgresServer::shared().database();
    let client = stranger(&url).await;
    client
        .batch_execute("CREATE TABLE public.accounts (id text); CREATE SCHEMA bulla; CREATE TABLE bulla.accounts (id text)")
        .await
        .unwrap();
    let before = inventory(&url);
    let refused = refusal(&url).await;
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    assert_eq!(inventory(&url), before);
    client
        .batch_execute("DROP SCHEMA bulla CASCADE")
        .await
        .unwrap();
    let store = open(
        &settings(&url),
        Arc::new(bulla_test::RecordedRevocations::default()),
    )
    .await;
    add(&store, "ada", 1).await;
    let rows = client.query("SELECT * FROM public.accounts", &[]).await;
    assert_eq!(rows.unwrap().len(), 0);
}

#[tokio::test]
async fn one_of_another_encoding_is_refused() {
    let server = PostgresServer::shared();
    server.query(
        "postgres",
        "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    );
    let url = server.database();
    let name = PostgresServer::name(&url);
    let refused = refusal(&url.replace(name, "latin")).await;
    assert!(refused.to_string().contains("LATIN1"), "{refused}");
}

#[tokio::test]
async fn what_is_not_there_is_refused_without_its_password() {
    let url = PostgresServer::shared().database();
    let name = PostgresServer::name(&url);
    let refused = refusal(&url.replace(name, "nothing")).await;
    assert!(refused.to_string().contains("does not exist"), "{refused}");
    let refused = refusal(&url.replace("bulla:", "nobody:")).await;
    assert!(refused.to_string().contains("nobody"), "{refused}");
}

#[tokio::test]
async fn several_that_start_at_once_make_one_schema() {
    let url = PostgresServer::shared().database();
    let mut opening = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let settings = settings(&url);
        opening.spawn(async move {
            open(
                &settings,
                Arc::new(bulla_test::RecordedRevocations::default()),
            )
            .await
        });
    }
    let stores = opening.join_all().await;
    add(&stores[0], "ada", 1).await;
}
