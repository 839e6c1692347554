//! Real proxies, configured by the files in `deploy/`, that ask Bulla about every request before they pass it on.

mod attacks;
mod proxy;
mod verdicts;

use std::cell::OnceCell;

use self::proxy::{Kind, Proxy};
use crate::harness::{Folder, Http, Server, Session, upstream::Upstream};

const ROUTES: &str = r#"
[[upstream]]
name = "api"
servers = ["http://127.0.0.1:1"]

[[route]]
path = "/public/{*rest}"
upstream = "api"
access = "public"

[[route]]
path = "/admin"
upstream = "api"
roles = ["admin"]

[[route]]
path = "/api/{*rest}"
methods = ["GET", "POST"]
upstream = "api"
forward_claims = ["team_id"]
"#;

const WHO: &str = "ada@example.com";

/// Bulla, an API, and each proxy between them. What Bulla forwarded itself would reach nobody.
struct Stand {
    bulla: Server,
    api: Upstream,
    user: Session,
    _folder: Folder,
    proxies: OnceCell<Vec<(Proxy, Folder)>>,
}

impl Stand {
    /// With proxies that Bulla lists.
    fn new() -> Self {
        Self::trusting(r#"["127.0.0.1"]"#)
    }

    fn trusting(proxies: &str) -> Self {
        let folder = Folder::new();
        folder.write(
            "bulla.toml",
            format!("trusted_proxies = {proxies}\n{ROUTES}"),
        );
        let bulla = folder.server().start();
        Session::register(bulla.public, WHO);
        let claims = ["user", "set", WHO, "--claims", r#"{"team_id":"t7"}"#];
        folder.bulla(&claims).succeed();
        Self {
            user: Session::login(bulla.public, WHO),
            api: Upstream::start(),
            proxies: OnceCell::new(),
            _folder: folder,
            bulla,
        }
    }

    /// Every proxy, by its name.
    fn proxies(&self) -> impl Iterator<Item = (&'static str, Http)> {
        let start = |kind: &Kind| {
            let folder = Folder::new();
            let proxy = Proxy::start(*kind, &folder, self.bulla.public, &self.api);
            (proxy, folder)
        };
        let proxies = self
            .proxies
            .get_or_init(|| Kind::ALL.iter().map(start).collect());
        proxies
            .iter()
            .map(|(proxy, _)| (proxy.kind.name(), proxy.http))
    }

    /// The names of all identity headers, as Bulla answers them.
    fn identity(&self) -> Vec<String> {
        let question = self.bulla.public.get("/forward-auth");
        let question = question.header("X-Forwarded-Method", "GET");
        let answer = question.header("X-Forwarded-Uri", "/public/a").send();
        let names = answer.headers.into_iter().map(|(name, _)| name);
        let identity: Vec<String> = names.filter(|name| name.starts_with("x-bulla-")).collect();
        assert_eq!(identity.len(), 8, "{identity:?}");
        identity
    }

    /// Those who sign in from now on are administrators.
    fn promote(&self) -> Session {
        let set = ["user", "set", WHO, "--role", "admin"];
        self._folder.bulla(&set).succeed();
        Session::login(self.bulla.public, WHO)
    }
}
