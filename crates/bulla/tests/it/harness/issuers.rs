//! Several servers that users cannot tell apart: one database, one master key, one name.

use std::thread;

use bulla_test::PostgresServer;

use super::{Folder, Server};

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Where two servers run, each on a machine of its own as far as it knows.
pub(crate) struct Issuers {
    pub(crate) folders: [Folder; 2],
    database: String,
}

impl Issuers {
    /// On a database with nothing in it.
    pub(crate) fn new() -> Self {
        let database = PostgresServer::shared().database();
        Self {
            folders: [folder(&database), folder(&database)],
            database,
        }
    }

    /// With a setting for both.
    pub(crate) fn with(self, name: &'static str, value: &str) -> Self {
        Self {
            folders: self.folders.map(|folder| folder.with(name, value)),
            ..self
        }
    }

    /// Where one more can run.
    pub(crate) fn another(&self) -> Folder {
        folder(&self.database)
    }

    /// Starts both at once.
    #[track_caller]
    pub(crate) fn start(&self) -> [Server; 2] {
        thread::scope(|scope| {
            let starting = self.folders.each_ref().map(|folder| {
                let server = folder.server();
                scope.spawn(|| server.start())
            });
            starting.map(|server| server.join().unwrap())
        })
    }

    /// What a statement gives, asked of the database itself.
    pub(crate) fn query(&self, sql: &str) -> String {
        PostgresServer::shared().query(PostgresServer::name(&self.database), sql)
    }
}

fn folder(database: &str) -> Folder {
    Folder::on(database)
        .with("BULLA_MASTER_KEY", MASTER_KEY)
        .with("BULLA__TOKENS__ISSUER", "https://bulla.example")
}
