//! The way to a server over the network: TLS by a private authority, and a password by SCRAM-SHA-256.

use std::sync::Arc;

use bulla_core::store::Store;
use bulla_server::store::postgres::UntouchedDatabase;
use bulla_test::{Certificate, PostgresServer, RecordedRevocations};
use tempfile::TempDir;

use super::{open, settings};

// For 127.0.0.1, by the authority; the other one has signed nothing.
const SERVER: Certificate = Certificate {
    chain: include_str!("../../../../../bulla-gateway/tests/it/tls_upstream/pem/server.crt"),
    key: include_str!("../../../../../bulla-gateway/tests/it/tls_upstream/pem/server.key"),
};
const AUTHORITY: &str =
    include_str!("../../../../../bulla-gateway/tests/it/tls_upstream/pem/authority.crt");
const OTHER: &str =
    include_str!("../../../../../bulla-gateway/tests/it/tls_upstream/pem/other.crt");

const PASSWORD: &str = PostgresServer::PASSWORD;
const WRONG: &str = "canary-wrong-password";

/// A server, a database in it, and where authorities are.
struct Way {
    server: PostgresServer,
    database: String,
    folder: TempDir,
}

impl Way {
    fn to(certificate: Option<Certificate>) -> Self {
        let server = PostgresServer::on_tcp(certificate);
        let database = server.database();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), AUTHORITY).unwrap();
        std::fs::write(folder.path().join("other.pem"), OTHER).unwrap();
        Self {
            server,
            database,
            folder,
        }
    }

    /// As a parameter: who the server must be signed by.
    fn by(&self, authority: &str) -> String {
        let path = self.folder.path().join(authority).display().to_string();
        format!("sslrootcert={}", path.replace('/', "%2F"))
    }

    fn url(&self, password: &str, parameters: &str) -> String {
        self.server.over_tcp(&self.database, password, parameters)
    }

    /// It works, and the store's connections are encrypted, or not.
    async fn is_open(&self, parameters: &str, encrypted: bool) {
        let url = self.url(PASSWORD, parameters);
        let store = open(&settings(&url), Arc::new(RecordedRevocations::default())).await;
        store.check().await.unwrap();
        let seen = self.server.query(
            PostgresServer::name(&self.database),
            "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'signed'",
        );
        assert_eq!(seen, if encrypted { "t" } else { "f" });
    }

    /// It is refused, with these words and without the password.
    async fn is_refused(&self, url: &str, words: &str) {
        let parsed = url.parse().unwrap();
        let Err(refused) = UntouchedDatabase::reach(&parsed).await else {
            panic!("it was opened");
        };
        let text = format!("{refused} {refused:?}");
        assert!(text.contains(words), "{words:?} in {text}");
        for password in [PASSWORD, WRONG] {
            assert!(!text.contains(password), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_that_the_authority_signed_is_used_and_no_other() {
    let way = Way::to(Some(SERVER));
    let (right, wrong) = (way.by("authority.pem"), way.by("other.pem"));
    way.is_open(&format!("sslmode=verify-full&{right}"), true)
        .await;
    // Whoever names the authority need not say more, though the server is near.
    way.is_open(&right, true).await;
    for mode in ["verify-full", "verify-ca", "require"] {
        let url = way.url(PASSWORD, &format!("sslmode={mode}&{wrong}"));
        way.is_refused(&url, "certificate").await;
    }
    // The machine's authorities have not signed it either.
    let url = way.url(PASSWORD, "sslmode=verify-full");
    way.is_refused(&url, "certificate").await;
    // It has signed another name.
    let url = way.url(PASSWORD, &format!("sslmode=verify-full&{right}"));
    let url = url.replace("127.0.0.1", "localhost");
    way.is_refused(&url, "certificate").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wants_encryption_gets_it_or_nothing() {
    let encrypted = Way::to(Some(SERVER));
    let plain = encrypted.url(PASSWORD, "sslmode=disable");
    encrypted.is_refused(&plain, "no encryption").await;

    let open = Way::to(None);
    open.is_open("sslmode=disable", false).await;
    let url = open.url(
        PASSWORD,
        &format!("sslmode=require&{}", open.by("authority.pem")),
    );
    open.is_refused(&url, "TLS").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_said_to_be_one_and_not_shown() {
    let way = Way::to(Some(SERVER));
    let parameters = format!("sslmode=verify-full&{}", way.by("authority.pem"));
    let url = way.url(WRONG, &parameters);
    way.is_refused(&url, "password authentication failed for user \"signed\"")
        .await;
    let none = way
        .url(PASSWORD, &parameters)
        .replace(&format!(":{PASSWORD}"), "");
    way.is_refused(&none, "password").await;
    way.is_open(&parameters, true).await;
}
