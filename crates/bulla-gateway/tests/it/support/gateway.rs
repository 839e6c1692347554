//! A gateway on a port of its own.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use bulla_gateway::{
    AccessLog, Body, Drained, Entrance, Gateway, GatewaySettings, Limits, Redirect, Rules,
    Timeouts,
    clock::Clock,
    route::{Route, RouteTable},
    serve, serve_on_threads, serve_redirects,
    sighting::SightingSink,
    target::{InProcess, Target},
};
use bulla_guard::abuse::{AbuseLedger, Spared};
use http::{Request, Response};
use prometheus_client::registry::Registry;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{
    tokens::{self, NOW},
    wire::{Answer, Wire},
};

pub(crate) struct TestGateway {
    pub(crate) address: SocketAddr,
    pub(crate) gateway: Arc<Gateway>,
    sightings: Arc<Sightings>,
    registry: Registry,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Drained>,
}

impl TestGateway {
    pub(crate) async fn start(routes: Vec<Route>) -> Self {
        Self::start_with(routes, |_| {}).await
    }

    /// Starts one after some settings were changed.
    pub(crate) async fn start_with(
        routes: Vec<Route>,
        change: impl FnOnce(&mut GatewaySettings),
    ) -> Self {
        Self::start_behind(Entrance::default(), rules(routes), change).await
    }

    /// Starts one that is entered in this way, after some settings were changed.
    pub(crate) async fn start_behind(
        entrance: Entrance,
        rules: Rules,
        change: impl FnOnce(&mut GatewaySettings),
    ) -> Self {
        Self::start_on(NonZeroUsize::new(2), entrance, rules, change).await
    }

    /// Starts one by these rules, after some settings were changed.
    pub(crate) async fn start_by(rules: Rules, change: impl FnOnce(&mut GatewaySettings)) -> Self {
        Self::start_behind(Entrance::default(), rules, change).await
    }

    /// Starts one that answers on the test's own runtime, and so on its thread.
    pub(crate) async fn start_here(routes: Vec<Route>) -> Self {
        Self::start_here_with(routes, |_| {}).await
    }

    /// As [`start_here`](Self::start_here), after some settings were changed.
    pub(crate) async fn start_here_with(
        routes: Vec<Route>,
        change: impl FnOnce(&mut GatewaySettings),
    ) -> Self {
        Self::start_on(None, Entrance::default(), rules(routes), change).await
    }

    /// As [`start_here`](Self::start_here), one that is entered in this way.
    pub(crate) async fn start_here_behind(entrance: Entrance, rules: Rules) -> Self {
        Self::start_on(None, entrance, rules, |_| {}).await
    }

    async fn start_on(
        threads: Option<NonZeroUsize>,
        entrance: Entrance,
        rules: Rules,
        change: impl FnOnce(&mut GatewaySettings),
    ) -> Self {
        let sightings = Arc::new(Sightings::default());
        let mut settings = GatewaySettings {
            sightings: Arc::clone(&sightings) as Arc<dyn SightingSink>,
            sighting_interval: Duration::from_secs(5),
            abuse: Arc::new(AbuseLedger::new(Spared {
                scoring: false,
                exempt: Vec::new(),
                proxies: rules.trusted_proxies.clone(),
            })),
            clock: Arc::new(StoppedClock),
            timeouts: Timeouts::default(),
            request_id_seed: *b"testtest",
            access_log: AccessLog::default(),
            begin_traces: None,
            spans: None,
        };
        change(&mut settings);
        let mut registry = Registry::default();
        let gateway = Arc::new(Gateway::new(settings, rules, &mut registry).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let serving = Arc::clone(&gateway);
        let served = tokio::spawn(async move {
            match threads {
                None => serve(listener, entrance, serving, stopped).await,
                Some(threads) => {
                    let served = serve_on_threads(listener, entrance, serving, threads, stopped);
                    served.await.unwrap()
                }
            }
        });
        Self {
            address,
            gateway,
            sightings,
            registry,
            stop,
            served,
        }
    }

    /// A listener that sends to this gateway; where it listens.
    pub(crate) async fn redirecting(&self, redirect: Redirect) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = Arc::clone(&self.gateway);
        tokio::spawn(serve_redirects(
            listener,
            redirect,
            gateway,
            std::future::pending(),
        ));
        address
    }

    pub(crate) async fn connect(&self) -> Wire {
        Wire::connect(self.address).await
    }

    /// Sends these bytes over a connection of their own; the first answer.
    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut wire = self.connect().await;
        wire.write(bytes).await;
        wire.answer("GET").await
    }

    /// Sends a GET with these header lines, each ended by CRLF.
    pub(crate) async fn get(&self, path: &str, headers: &str) -> Answer {
        self.send(format!(
            "GET {path} HTTP/1.1\r\nHost: api.example\r\n{headers}\r\n"
        ))
        .await
    }

    /// What was reported: session and generation.
    pub(crate) fn sightings(&self) -> Vec<(String, u64)> {
        self.sightings.0.lock().unwrap().clone()
    }

    /// The metrics as text.
    pub(crate) fn metrics(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap();
        text
    }

    /// Begins the shutdown; how it ends.
    pub(crate) fn stop(self) -> JoinHandle<Drained> {
        self.stop.send(()).unwrap();
        self.served
    }
}

/// These routes, for the tokens of the tests, behind no proxy.
pub(crate) fn rules(routes: Vec<Route>) -> Rules {
    Rules {
        routes: RouteTable::build(routes).unwrap(),
        verifier: tokens::verifier(),
        trusted_proxies: Vec::new(),
        limits: Limits::default(),
    }
}

#[derive(Default)]
struct Sightings(Mutex<Vec<(String, u64)>>);

impl SightingSink for Sightings {
    fn record(&self, session: &str, generation: u64) {
        self.0
            .lock()
            .unwrap()
            .push((session.to_owned(), generation));
    }
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn milliseconds(&self) -> u64 {
        NOW * 1000
    }
}

/// A function as a service in the gateway's process.
pub(crate) fn service<F, R>(answer: F) -> Target
where
    F: Fn(Request<Body>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<String>> + Send + 'static,
{
    let service = tower::service_fn(move |request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    Target::Service(InProcess::new("test", service))
}
