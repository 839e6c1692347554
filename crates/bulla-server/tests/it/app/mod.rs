//! A whole issuer on a database of its own, driven without a network.

mod answer;
mod assertion;
mod call;
mod client;
pub(crate) mod foreign;
mod letters;
mod visitor;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use bulla_core::{
    account::PasswordPolicy,
    authentication::{
        AuthenticationSettings, LinkSettings, MailedLogin, OnChange, SessionSettings,
    },
    key::{life::KeySchedule, wrap::MasterKey},
    ports::PasswordHasher,
    store::Store,
    token::{ProfileClaim, TokenSettings},
};
use bulla_guard::{
    abuse::{AbuseLedger, Spared},
    client::CookieNames,
    refusal::Refusal,
    revocation::RevocationSet,
    verified::Verified,
};
use bulla_jose::jwa::Algorithm;
use bulla_server::{
    bans::Bans,
    data_folder::DataFolder,
    demo,
    issuer::{InProcess, Issuer, IssuerParts, IssuerSettings},
    store::sqlite::{DemoSessions, SqliteStore},
};
use bulla_test::{FastHasher, MockClock, SeededEntropy};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub(crate) use self::{
    answer::{Answer, SignedIn},
    assertion::{JWT_BEARER, KeyedClient, public_keys},
    call::{Call, Door},
    client::Client,
    letters::{Letters, token},
    visitor::{Solved, Visitor, claims},
};

pub(crate) const SETTLE: Duration = Duration::from_secs(60);
pub(crate) const IDLE: Duration = Duration::from_secs(14 * 24 * 3600);
pub(crate) const ACCESS: Duration = Duration::from_secs(900);
pub(crate) const PASSWORD: &str = "seven sealed tablets";

/// An issuer with all its routers, and the doubles it stands on.
pub(crate) struct TestApp {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<MockClock>,
    pub(crate) hasher: Arc<FastHasher>,
    pub(crate) bans: Arc<Bans>,
    pub(crate) mail: Arc<Letters>,
    entropy: Arc<SeededEntropy>,
    settings: IssuerSettings,
    demo: Router,
    folder: tempfile::TempDir,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with_algorithm(Algorithm::Es256).await
    }

    pub(crate) async fn with_algorithm(algorithm: Algorithm) -> Self {
        Self::with_settings(settings(algorithm)).await
    }

    /// Where an address must be proven, and people sign in by mail.
    pub(crate) async fn by_mail(mailed_login: MailedLogin) -> Self {
        let mut settings = settings(Algorithm::Es256);
        settings.authentication.links = LinkSettings {
            verify_email: true,
            mailed_login: Some(mailed_login),
        };
        Self::with_settings(settings).await
    }

    async fn with_settings(settings: IssuerSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(MockClock::default());
        let hasher = Arc::new(FastHasher::default());
        let mail = Arc::new(Letters::default());
        let entropy = Arc::new(SeededEntropy::default());
        let (store, revocations) = open(&folder);
        let parts = parts(
            store.clone(),
            &revocations,
            hasher.clone(),
            &mail,
            &clock,
            &entropy,
        );
        let issuer = Issuer::assemble(parts, settings.clone()).await.unwrap();
        let demo = demo::router(Arc::clone(&issuer), demo_sessions(&folder)).unwrap();
        let bans = bans(&folder, &issuer, &clock, &store);
        Self {
            issuer,
            store,
            clock,
            hasher,
            bans,
            mail,
            entropy,
            settings,
            demo,
            folder,
        }
    }

    /// Ends the issuer and starts another one on the same database.
    pub(crate) async fn restart(self) -> Self {
        let Self {
            issuer,
            store,
            clock,
            hasher,
            bans: earlier,
            mail,
            entropy,
            settings,
            demo,
            folder,
        } = self;
        drop((issuer, demo, earlier));
        store.close();
        drop(store);
        let (store, revocations) = open(&folder);
        let parts = parts(
            store.clone(),
            &revocations,
            hasher.clone(),
            &mail,
            &clock,
            &entropy,
        );
        let issuer = Issuer::assemble(parts, settings.clone()).await.unwrap();
        let demo = demo::router(Arc::clone(&issuer), demo_sessions(&folder)).unwrap();
        let bans = bans(&folder, &issuer, &clock, &store);
        Self {
            issuer,
            store,
            clock,
            hasher,
            bans,
            mail,
            entropy,
            settings,
            demo,
            folder,
        }
    }

    /// The same with another lifetime of access tokens.
    pub(crate) async fn restart_with_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.authentication.tokens.access_lifetime = lifetime;
        self.restart().await
    }

    /// The same with visitors who are welcome, or not.
    pub(crate) async fn restart_with_visitors(mut self, welcome: bool) -> Self {
        self.settings.anonymous = welcome;
        self.restart().await
    }

    /// The same with another audience.
    pub(crate) async fn restart_with_audience(mut self, audience: &str) -> Self {
        audience.clone_into(&mut self.settings.authentication.tokens.audience);
        self.restart().await
    }

    /// The same after some settings were changed.
    pub(crate) async fn restart_with(mut self, change: impl FnOnce(&mut IssuerSettings)) -> Self {
        change(&mut self.settings);
        self.restart().await
    }

    /// The same issuer with another hasher.
    pub(crate) async fn issuer_with(&self, hasher: Arc<dyn PasswordHasher>) -> Arc<Issuer> {
        let revocations = self.issuer.revocations();
        let (store, clock, entropy) = (self.store.clone(), &self.clock, &self.entropy);
        let parts = parts(store, revocations, hasher, &self.mail, clock, entropy);
        Issuer::assemble(parts, self.settings.clone())
            .await
            .unwrap()
    }

    /// A connection to the database beside the store's own.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(database(&self.folder)).unwrap()
    }

    /// Where the demo keeps its sessions.
    pub(crate) fn demo_file(&self) -> PathBuf {
        demo_file(&self.folder)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        self.call_at(Door::Public, method, path)
    }

    pub(crate) fn call_at(&self, door: Door, method: Method, path: &str) -> Call<'_> {
        let request = Request::builder().method(method).uri(path);
        Call {
            app: self,
            door,
            request,
            body: Body::empty(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: impl Into<Value>) -> Call<'_> {
        self.call(Method::POST, path).json(body)
    }

    /// Registers `{name}@example.com` with [`PASSWORD`].
    pub(crate) async fn register(&self, name: &str) -> SignedIn {
        let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
        SignedIn::from(
            &self
                .post("/auth/register", body)
                .await_status(StatusCode::CREATED)
                .await,
        )
    }

    pub(crate) async fn login(&self, name: &str) -> SignedIn {
        let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
        SignedIn::from(
            &self
                .post("/auth/login", body)
                .await_status(StatusCode::OK)
                .await,
        )
    }

    /// A registered user with these roles, signed in with them.
    pub(crate) async fn user_with_roles(&self, name: &str, roles: &[&str]) -> SignedIn {
        let user = self.register(name).await;
        let path = format!("/admin/users/{}", user.id);
        let edit = self
            .call_at(Door::Local, Method::PATCH, &path)
            .json(json!({"roles": roles}));
        edit.await_status(StatusCode::OK).await;
        self.login(name).await
    }

    /// What `GET /auth/me` says of an access token: its status, and its code if it is refused.
    pub(crate) async fn me(&self, access: &str) -> (StatusCode, String) {
        let answer = self.get("/auth/me").bearer(access).send().await;
        let code = if answer.status.is_success() {
            String::new()
        } else {
            answer.code()
        };
        (answer.status, code)
    }

    /// What a gateway makes of a token now.
    pub(crate) fn verify(&self, token: &str) -> Result<Verified, Refusal> {
        self.issuer
            .verifier()
            .verify(token, self.issuer.unix_time())
    }

    /// The time now, as tokens count it.
    pub(crate) fn clock_seconds(&self) -> i64 {
        self.issuer.now().as_seconds()
    }

    pub(crate) async fn assert_accepted(&self, access: &str) {
        assert_eq!(self.me(access).await, (StatusCode::OK, String::new()));
    }

    pub(crate) async fn assert_refused(&self, access: &str, code: &str) {
        assert_eq!(
            self.me(access).await,
            (StatusCode::UNAUTHORIZED, code.to_owned())
        );
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", json!({"refresh_token": token}))
            .send()
            .await
    }
}

fn database(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("bulla.db")
}

/// Where the bans of a folder are kept.
pub(crate) fn ban_file(app: &TestApp) -> PathBuf {
    app.folder.path().join("data/bans.json")
}

fn demo_file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("demo-sessions.db")
}

fn demo_sessions(folder: &tempfile::TempDir) -> DemoSessions {
    DemoSessions::at(demo_file(folder))
}

fn bans(
    folder: &tempfile::TempDir,
    issuer: &Issuer,
    clock: &Arc<MockClock>,
    store: &Arc<SqliteStore>,
) -> Arc<Bans> {
    let data = DataFolder::open(&folder.path().join("data")).unwrap();
    let abuse = Arc::clone(issuer.abuse());
    Bans::open(&data, abuse, Arc::clone(clock) as _, Arc::clone(store) as _).unwrap()
}

/// A store, and what it publishes its revocations to.
fn open(folder: &tempfile::TempDir) -> (Arc<SqliteStore>, Arc<RevocationSet>) {
    let revocations = Arc::new(RevocationSet::new());
    let sink = Arc::new(InProcess::new(Arc::clone(&revocations)));
    let store = SqliteStore::open(&database(folder), sink).unwrap();
    (Arc::new(store), revocations)
}

/// An issuer on this store, without its routers.
pub(crate) async fn issuer(
    store: Arc<dyn Store>,
    revocations: &Arc<RevocationSet>,
    clock: &Arc<MockClock>,
    entropy: &Arc<SeededEntropy>,
) -> Arc<Issuer> {
    let hasher = Arc::new(FastHasher::default());
    let mail = Arc::new(Letters::default());
    let parts = parts(store, revocations, hasher, &mail, clock, entropy);
    let assembled = Issuer::assemble(parts, settings(Algorithm::Es256)).await;
    assembled.unwrap()
}

fn parts(
    store: Arc<dyn Store>,
    revocations: &Arc<RevocationSet>,
    hasher: Arc<dyn PasswordHasher>,
    mail: &Arc<Letters>,
    clock: &Arc<MockClock>,
    entropy: &Arc<SeededEntropy>,
) -> IssuerParts {
    IssuerParts {
        store,
        revocations: InProcess::new(Arc::clone(revocations)),
        trusted_issuers: vec![foreign::trusted()],
        abuse: Arc::new(AbuseLedger::new(Spared::default())),
        hasher,
        mailer: Some(Arc::clone(mail) as _),
        clock: Arc::clone(clock) as _,
        entropy: Arc::clone(entropy) as _,
        master_key: MasterKey::from_bytes(Zeroizing::new([7; 32])),
    }
}

pub(crate) fn settings(algorithm: Algorithm) -> IssuerSettings {
    IssuerSettings {
        public_url: "https://api.example.com".parse().unwrap(),
        algorithm,
        key_schedule: KeySchedule {
            rotate_every: Some(Duration::from_secs(30 * 24 * 3600)),
            publish_ahead: Duration::from_secs(24 * 3600),
            spread: Duration::ZERO,
        },
        authentication: AuthenticationSettings {
            tokens: TokenSettings {
                issuer: "https://api.example.com".to_owned(),
                audience: "api".to_owned(),
                access_lifetime: ACCESS,
                profile_claims: BTreeSet::from([ProfileClaim::Email]),
            },
            session: SessionSettings {
                settle: SETTLE,
                idle: IDLE,
                absolute: Duration::from_secs(30 * 24 * 3600),
                max_per_user: 20,
                on_device_change: OnChange::Record,
                on_network_change: OnChange::Record,
            },
            password: PasswordPolicy { min_length: 8 },
            links: LinkSettings::default(),
        },
        anonymous: true,
        cookies: Some(CookieNames::Host),
        audit_retention: None,
        verification_cache: Some(1 << 20),
    }
}

/// The token with another character in the middle of its signature.
pub(crate) fn tampered(token: &str) -> String {
    let at = token.rfind('.').unwrap() + 20;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}
