//! Two issuers over one database, and somebody who has signed in at one of them.

use std::{num::NonZeroU16, sync::Arc, time::Duration};

use bulla_core::{
    account::Email,
    authentication::{RefreshError, SessionRequest},
    ids::SessionId,
    registration::Registration,
    session::Device,
    store::Store,
};
use bulla_guard::revocation::RevocationSet;
use bulla_server::{
    issuer::{InProcess, Issuer},
    store::{
        postgres::{PostgresSettings, PostgresStore, UntouchedDatabase},
        sqlite::SqliteStore,
    },
};
use bulla_test::{MockClock, PostgresServer, RefreshHistory, SeededEntropy, builders};

use crate::app::{self, PASSWORD};

/// What keeps the sessions.
#[derive(Debug, Clone, Copy)]
pub(super) enum Engine {
    /// One store for both issuers.
    Sqlite,
    /// A store each.
    Postgres,
}

/// What all tasks of one test share.
pub(super) struct Desk {
    pub(super) clock: Arc<MockClock>,
    pub(super) history: RefreshHistory,
    /// The refresh token of the sign-in.
    pub(super) first: String,
    session: SessionId,
    issuers: [Arc<Issuer>; 2],
    stores: [Arc<dyn Store>; 2],
    _folder: tempfile::TempDir,
}

type Heeded = (Arc<dyn Store>, Arc<RevocationSet>);

impl Desk {
    pub(super) async fn on(engine: Engine) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = match engine {
            Engine::Sqlite => sqlite(&folder),
            Engine::Postgres => postgres().await,
        };
        let clock = Arc::new(MockClock::default());
        let entropy = Arc::new(SeededEntropy::default());
        let issuer = async |(store, revocations): &Heeded| {
            app::issuer(Arc::clone(store), revocations, &clock, &entropy).await
        };
        let issuers = [issuer(&first).await, issuer(&second).await];
        let email = Email::parse("ada@example.com").ok();
        let registration = Registration::new(email, None, builders::password(PASSWORD)).unwrap();
        let (device, request) = (Device::default(), SessionRequest::default());
        let users = issuers[0].authentication();
        let registered = users.register(registration, None, device, request).await;
        let registered = registered.unwrap();
        Arc::new(Self {
            clock,
            history: RefreshHistory::default(),
            first: registered.refresh_token.to_string(),
            session: registered.session,
            issuers,
            stores: [first.0, second.0],
            _folder: folder,
        })
    }

    /// Refreshes at one of the issuers, and records what came of it.
    pub(super) async fn refresh(&self, issuer: usize, token: &str) -> Result<String, RefreshError> {
        let issuer = &self.issuers[issuer % 2];
        // As the process does every second.
        issuer.keys().keep().await.unwrap();
        let began = self.history.now();
        let users = issuer.authentication();
        let request = SessionRequest::default();
        let issued = users.refresh(token, Device::default(), request).await?;
        self.history.answered(began, &issued.refresh_token);
        Ok(issued.refresh_token.to_string())
    }

    /// The newest generation, which both see.
    pub(super) async fn newest(&self) -> u64 {
        let mut newest = Vec::new();
        for store in &self.stores {
            let (session, _) = store.session(self.session).await.unwrap().unwrap();
            assert_eq!(session.ended, None);
            newest.push(session.generations.newest);
        }
        assert_eq!(newest[0], newest[1]);
        newest[0]
    }
}

fn sqlite(folder: &tempfile::TempDir) -> [Heeded; 2] {
    let (revocations, sink) = heeded();
    let store = SqliteStore::open(&folder.path().join("bulla.db"), sink).unwrap();
    let both: Heeded = (Arc::new(store), revocations);
    [both.clone(), both]
}

async fn postgres() -> [Heeded; 2] {
    let settings = PostgresSettings {
        url: PostgresServer::shared().database().parse().unwrap(),
        connections: NonZeroU16::new(8).unwrap(),
        timeout: Duration::from_secs(30),
    };
    let open = async || {
        let (revocations, sink) = heeded();
        let database = UntouchedDatabase::reach(&settings.url).await.unwrap();
        let store = PostgresStore::open(database, &settings, sink).await;
        let store: Arc<dyn Store> = Arc::new(store.unwrap());
        (store, revocations)
    };
    [open().await, open().await]
}

/// A set of revocations, and the way into it.
fn heeded() -> (Arc<RevocationSet>, Arc<InProcess>) {
    let revocations = Arc::new(RevocationSet::new());
    let sink = Arc::new(InProcess::new(Arc::clone(&revocations)));
    (revocations, sink)
}
