//! What comes of it when too much comes that is bad. Clients are told apart by what a listed proxy, this machine, says of them,
//! unless a test says otherwise.

mod accepting;
mod ban;
mod challenge;
mod counted;
mod forward_auth;
mod proxies;
mod told;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bulla_gateway::{
    Rules,
    clock::Clock,
    route::{CredentialPlace, RouteTable},
    target::{AskingProxy, Target},
};
use bulla_guard::{
    abuse::{AbuseLedger, Offence, Spared, Standing},
    access::Access,
    client::{Cidr, Wariness},
};
use http::{Response, StatusCode};

use crate::support::{
    Answer, NOW, TestGateway, TestUpstream, claims, route, rules, service, tampered_token, token,
    upstream,
};

const ADDRESS: &str = "192.0.2.1";
const OTHER: &str = "192.0.2.2";

struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn milliseconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A gateway that judges its clients, and its clock.
struct Judging {
    gateway: TestGateway,
    ledger: Arc<AbuseLedger>,
    clock: Arc<SetClock>,
    _server: TestUpstream,
}

impl Judging {
    /// Behind a proxy, this machine.
    async fn start() -> Self {
        Self::behind(&["127.0.0.1"], RouteTable::with_challenge).await
    }

    /// Behind these proxies, and with a table that is changed so before visitors are told where they get a token.
    async fn behind(
        proxies: &[&str],
        challenge: fn(RouteTable, Option<&'static str>) -> RouteTable,
    ) -> Self {
        let proxies: Vec<Cidr> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        let server = TestUpstream::start().await;
        let rules = Rules {
            trusted_proxies: proxies.clone(),
            ..rules(Vec::new())
        };
        let rules = Rules {
            routes: challenge(routes(&server), Some("/auth/challenge")),
            ..rules
        };
        let clock = Arc::new(SetClock(AtomicU64::new(NOW * 1000)));
        let ledger = Arc::new(AbuseLedger::new(Spared {
            scoring: true,
            exempt: Vec::new(),
            proxies,
        }));
        let parts = (Arc::clone(&clock), Arc::clone(&ledger));
        let gateway = TestGateway::start_by(rules, |settings| {
            settings.clock = parts.0;
            settings.abuse = parts.1;
        })
        .await;
        Self {
            gateway,
            ledger,
            clock,
            _server: server,
        }
    }

    fn advance(&self, milliseconds: u64) {
        self.clock.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    fn now(&self) -> u64 {
        self.clock.milliseconds()
    }

    /// Asks from this address, with this token.
    async fn get(&self, path: &str, address: &str, token: Option<&str>) -> Answer {
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let headers = format!(
            "X-Forwarded-For: {address}\r\n{}",
            bearer.unwrap_or_default()
        );
        self.gateway.get(path, &headers).await
    }

    /// So many forged tokens from there.
    async fn forge(&self, count: u32, address: &str) {
        let forged = tampered_token();
        for _ in 0..count {
            self.get("/api", address, Some(&forged)).await;
        }
    }

    /// So many offences from there, without asking for them.
    fn offend(&self, count: u32, address: &str) {
        for _ in 0..count {
            let address = address.parse().unwrap();
            let _ = self
                .ledger
                .offence(address, Offence::ForgedToken, self.now());
        }
    }

    fn standing(&self, address: &str) -> Standing {
        self.ledger.standing(address.parse().unwrap(), self.now())
    }

    fn score(&self, address: &str) -> u32 {
        self.ledger.score(address.parse().unwrap(), self.now()).0
    }
}

/// `/public`, `/visit` for anonymous visitors too, `/api` and `/form` for signed-in users, `/admin` for administrators, and `/auth/…`: a
/// service in this process that answers anybody.
fn routes(server: &TestUpstream) -> RouteTable {
    let target = upstream(server.address);
    let auth = service(async |request| {
        let wariness = request.extensions().get::<Wariness>().copied();
        let mut response = Response::new(format!("{}", wariness.unwrap_or_default().0));
        if request.uri().path() == "/auth/login" {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            response.extensions_mut().insert(Offence::FailedLogin);
        }
        response
    });
    let mut admin = route("/admin", Access::Authenticated, target.clone());
    admin.policy.roles = vec!["admin".to_owned()];
    let mut form = route("/form", Access::Authenticated, target.clone());
    form.credential = [CredentialPlace::Header, CredentialPlace::Form]
        .into_iter()
        .collect();
    let ask = |path, proxy| route(path, Access::Public, Target::ForwardAuth(proxy));
    RouteTable::build(vec![
        route("/public", Access::Public, target.clone()),
        route("/visit", Access::Anonymous, target.clone()),
        route("/api", Access::Authenticated, target),
        admin,
        form,
        route("/auth/{*rest}", Access::Public, auth),
        ask("/forward-auth", AskingProxy::Any),
        ask("/forward-auth/nginx", AskingProxy::Nginx),
    ])
    .unwrap()
}

/// A token of a signed-in user, with this identity.
fn session(id: &str) -> String {
    let mut claims = claims();
    claims["jti"] = id.into();
    token(&claims)
}

fn anonymous() -> String {
    let mut claims = claims();
    claims["anon"] = true.into();
    claims["sub"] = "anon_1".into();
    token(&claims)
}
