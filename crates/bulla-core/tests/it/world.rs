//! Everything that the use cases need, and what a client and a gateway would make of their answers.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bulla_core::{
    account::{DisplayName, Email, LoginName, PasswordPolicy, Username},
    administration::{AdministrationService, Administrator},
    authentication::{
        AuthenticationService, AuthenticationSettings, IssuedSession, LinkSettings, LoginError,
        OnChange, RefreshError, SessionRequest, SessionSettings,
    },
    ids::{AccountId, SessionId},
    key::{
        life::KeySchedule,
        service::{KeyPorts, KeyService},
        wrap::MasterKey,
    },
    ports::{Clock, Ports},
    registration::Registration,
    session::{Device, Session, Sighting, refresh_token::RefreshKeys},
    store::SessionStore,
    time::Timestamp,
    token::{ProfileClaim, TokenSettings},
};
use bulla_jose::{
    jwa::Algorithm,
    jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
};
use bulla_test::{
    FastHasher, InlineKeyMaker, MemoryStore, MockClock, RecordedKeys, RecordedMail,
    RecordedRevocations, SeededEntropy, builders,
};
use futures_executor::block_on;
use serde_json::Value;
use zeroize::Zeroizing;

pub(crate) const T: Duration = Duration::from_secs(60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
pub(crate) const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// As it is without a configuration, on a store that one process has.
pub(crate) const SCHEDULE: KeySchedule = KeySchedule {
    rotate_every: Some(Duration::from_secs(30 * 24 * 3600)),
    publish_ahead: DAY,
    spread: Duration::ZERO,
};

/// Whoever may open the data folder.
pub(crate) static COMMAND_LINE: Administrator = Administrator {
    account: None,
    address: None,
};

pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<MockClock>,
    pub(crate) hasher: Arc<FastHasher>,
    pub(crate) mail: Arc<RecordedMail>,
    pub(crate) revocations: Arc<RecordedRevocations>,
    pub(crate) keys: Arc<RecordedKeys>,
    pub(crate) master: MasterKey,
    pub(crate) users: AuthenticationService,
    pub(crate) admins: AdministrationService,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_session(session_settings())
    }

    /// A world in which an account may have this many live sessions.
    pub(crate) fn with_cap(max_per_user: u32) -> Self {
        Self::with_session(SessionSettings {
            max_per_user,
            ..session_settings()
        })
    }

    pub(crate) fn with_session(session: SessionSettings) -> Self {
        let clock = Arc::new(MockClock::default());
        let hasher = Arc::new(FastHasher::default());
        let mail = Arc::new(RecordedMail::default());
        let revocations = Arc::new(RecordedRevocations::default());
        let store = Arc::new(MemoryStore::new(revocations.clone()));
        let entropy = Arc::new(SeededEntropy::default());
        let master = MasterKey::from_bytes(Zeroizing::new([1; 32]));
        let ports = KeyPorts {
            store: store.clone(),
            maker: Arc::new(InlineKeyMaker),
            // Stands still: what is known of the keys never grows old.
            clock: Arc::new(MockClock::default()),
            entropy: entropy.clone(),
            master_key: master.clone(),
        };
        let keys = Arc::new(RecordedKeys::default());
        let opened = KeyService::open(ports, SCHEDULE, Algorithm::Es256, keys.clone());
        let key_service = block_on(opened).unwrap();
        let settings = AuthenticationSettings {
            tokens: token_settings(),
            session,
            password: PasswordPolicy { min_length: 8 },
            links: LinkSettings::default(),
        };
        let ports = Ports {
            store: store.clone(),
            hasher: hasher.clone(),
            mailer: mail.clone(),
            clock: clock.clone(),
            entropy,
        };
        let admins = AdministrationService::new(ports.clone(), settings.clone());
        let refresh_keys = RefreshKeys::new(master.clone());
        let link_key = master.derive_link_key();
        let users = AuthenticationService::new(
            ports,
            key_service.ring().clone(),
            refresh_keys,
            link_key,
            settings,
        );
        Self {
            store,
            clock,
            hasher,
            mail,
            revocations,
            keys,
            master,
            users,
            admins,
        }
    }

    pub(crate) fn register(&self, name: &str) -> IssuedSession {
        let request = SessionRequest::default();
        block_on(
            self.users
                .register(registration(name), None, device(), request),
        )
        .unwrap()
    }

    pub(crate) fn login(&self, name: &str, password: &str) -> Result<IssuedSession, LoginError> {
        let name = LoginName::parse(name).unwrap();
        let password = builders::password(password);
        let request = SessionRequest::default();
        block_on(self.users.login(name, password, device(), request))
    }

    pub(crate) fn refresh(&self, refresh_token: &str) -> Result<IssuedSession, RefreshError> {
        let request = SessionRequest::default();
        block_on(self.users.refresh(refresh_token, device(), request))
    }

    /// Refreshes after some time.
    pub(crate) fn refresh_after(
        &self,
        span: Duration,
        refresh_token: &str,
    ) -> Result<IssuedSession, RefreshError> {
        self.clock.advance(span);
        self.refresh(refresh_token)
    }

    /// A gateway accepts an access token of this session and generation now, and says so.
    pub(crate) fn sight(&self, session: SessionId, generation: u64) {
        let sighting = Sighting {
            session,
            generation,
            seen_at: self.clock.now(),
        };
        block_on(self.store.settle(&[sighting], T)).unwrap();
    }

    pub(crate) fn session(&self, id: SessionId) -> Session {
        block_on(self.store.session(id)).unwrap().unwrap().0
    }

    /// The claims of an access token that a gateway would accept now; else the code of its refusal.
    pub(crate) fn verify(&self, access_token: &str) -> Result<Value, &'static str> {
        let policy = VerificationPolicy::new(
            Issuer::new("https://issuer.example").unwrap(),
            Audience::new("api").unwrap(),
            &["at+jwt"],
            &[Algorithm::Es256],
        );
        let now = u64::try_from(self.clock.now().as_seconds()).unwrap();
        let now = UnixTime::from_seconds(now);
        let keys = self.keys.keys();
        let claims = jwt::verify::<Value>(access_token, &keys, &policy, now)
            .map_err(|error| error.code())?
            .into_claims();
        let session = SessionId::parse(claims["sid"].as_str().unwrap()).unwrap();
        let account = AccountId::new(claims["sub"].as_str().unwrap()).unwrap();
        let epoch = claims["epoch"].as_u64().unwrap();
        if self.revocations.hits_session(session) || self.revocations.hits_subject(&account, epoch)
        {
            return Err("token_revoked");
        }
        Ok(claims)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Somebody with the address `NAME@example.com` and the user name `NAME`.
pub(crate) fn registration(name: &str) -> Registration {
    let username = Some(Username::parse(name).unwrap());
    let password = builders::password(PASSWORD);
    Registration::new(Some(email(name)), username, password)
        .unwrap()
        .named(Some(DisplayName::parse("Ada Lovelace").unwrap()))
}

/// `NAME@example.com`.
pub(crate) fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).unwrap()
}

pub(crate) fn device() -> Device {
    Device {
        user_agent: Some("curl/8".to_owned()),
        address: Some(IpAddr::from([192, 0, 2, 1])),
    }
}

pub(crate) const fn session_settings() -> SessionSettings {
    SessionSettings {
        settle: T,
        idle: Duration::from_secs(14 * 24 * 3600),
        absolute: Duration::from_secs(30 * 24 * 3600),
        max_per_user: 20,
        on_device_change: OnChange::Record,
        on_network_change: OnChange::Record,
    }
}

fn token_settings() -> TokenSettings {
    TokenSettings {
        issuer: "https://issuer.example".to_owned(),
        audience: "api".to_owned(),
        access_lifetime: Duration::from_secs(900),
        profile_claims: [ProfileClaim::Email].into(),
    }
}
