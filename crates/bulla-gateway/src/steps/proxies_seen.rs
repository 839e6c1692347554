//! Whether the proxies in front are the listed ones. If one is not, all its clients are taken for one, and what one of them
//! does counts against all; if a listed one names no client, its clients are it, and nothing counts against it.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use http::HeaderMap;
use prometheus_client::{metrics::counter::Counter, registry::Registry};

/// One in so many requests is looked at: it is nothing that changes between two of them.
const SAMPLE: u8 = 8;

/// So many that are looked at are judged together: that all of them are alike is no chance.
const WINDOW: u32 = 16;

/// Who has more has them before a load balancer, whose addresses these are.
const MOST_PROXIES: usize = 4;

/// A window in so many has to be found: those who send anything at all for a while are not believed for ever.
const ONE_IN: u32 = 8;

/// What a client is named in. Of these, `X-Forwarded-For` is read.
const NAMING: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

/// Peers that look as if `trusted_proxies` were not what it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProxiesSeen {
    /// All requests come from these, and name other clients; they are not listed.
    pub unlisted: Vec<IpAddr>,
    /// These are listed, and name no client in `X-Forwarded-For`.
    pub silent: Vec<IpAddr>,
}

/// Watches who says that others asked.
#[derive(Debug, Default)]
pub(crate) struct ProxyWatch {
    unlisted: Watched,
    silent: Watched,
}

#[derive(Debug, Default)]
struct Watched {
    count: Counter,
    windows: Mutex<Windows>,
}

#[derive(Debug, Default)]
struct Windows {
    judged: u32,
    found: u32,
    /// Whom the last window was that was found.
    peers: Vec<IpAddr>,
    current: Window,
    told: bool,
}

#[derive(Debug, Default)]
struct Window {
    length: u32,
    /// Whether all were alike so far.
    alike: bool,
    peers: Vec<IpAddr>,
}

impl ProxyWatch {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let text = "Requests that name another client, of peers that are not listed as proxies; one in eight is looked at";
        registry.register("unlisted_proxy_requests", text, self.unlisted.count.clone());
        let text = "Requests of listed proxies that name no client; one in eight is looked at";
        registry.register("silent_proxy_requests", text, self.silent.count.clone());
    }

    /// Looks at one in some requests; `number` differs from one to the next. Warns once of each.
    pub(crate) fn watch(&self, number: u8, peer: IpAddr, is_listed: bool, headers: &HeaderMap) {
        if !number.is_multiple_of(SAMPLE) {
            return;
        }
        if is_listed {
            let is_silent = !headers.contains_key(NAMING[0]);
            if self.silent.add(peer, is_silent) {
                tracing::warn!(
                    %peer,
                    "this address is in trusted_proxies and names no client in X-Forwarded-For: its clients are it, and no \
                     limit holds for it"
                );
            }
        } else {
            let names = NAMING.iter().any(|name| headers.contains_key(*name));
            if self.unlisted.add(peer, names) {
                tracing::warn!(
                    %peer,
                    "every request comes from this address and names another client: if it is a proxy, list \
                     it in trusted_proxies; until then all its clients are one, and what one does counts against all"
                );
            }
        }
    }

    /// What it came to.
    pub(crate) fn seen(&self) -> ProxiesSeen {
        ProxiesSeen {
            unlisted: self.unlisted.found(),
            silent: self.silent.found(),
        }
    }

    /// Other proxies are listed now.
    pub(crate) fn begin_anew(&self) {
        for watched in [&self.unlisted, &self.silent] {
            let told = watched.windows().told;
            *watched.windows() = Windows {
                told,
                ..Windows::default()
            };
        }
    }
}

impl Watched {
    /// Whether this one makes it certain for the first time.
    fn add(&self, peer: IpAddr, is_one: bool) -> bool {
        if is_one {
            self.count.inc();
        }
        self.windows().add(peer, is_one)
    }

    fn found(&self) -> Vec<IpAddr> {
        let windows = self.windows();
        let is_found = windows.found > 0 && windows.found.saturating_mul(ONE_IN) >= windows.judged;
        if is_found {
            windows.peers.clone()
        } else {
            Vec::new()
        }
    }

    fn windows(&self) -> std::sync::MutexGuard<'_, Windows> {
        // No panic leaves it half changed.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Windows {
    fn add(&mut self, peer: IpAddr, is_one: bool) -> bool {
        let window = &mut self.current;
        window.alike = is_one && (window.alike || window.length == 0);
        window.length += 1;
        if window.alike && !window.peers.contains(&peer) {
            window.peers.push(peer);
            window.alike = window.peers.len() <= MOST_PROXIES;
        }
        if window.length < WINDOW {
            return false;
        }
        let window = std::mem::take(window);
        self.judged = self.judged.saturating_add(1);
        if !window.alike {
            return false;
        }
        self.found = self.found.saturating_add(1);
        self.peers = window.peers;
        !std::mem::replace(&mut self.told, true)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn peer(number: u8) -> IpAddr {
        [10, 0, 0, number].into()
    }

    fn naming(name: &'static str) -> HeaderMap {
        let value = HeaderValue::from_static("192.0.2.1");
        HeaderMap::from_iter([(HeaderName::from_static(name), value)])
    }

    /// What is seen after so many requests, each as `request` says.
    fn seen(
        requests: u32,
        is_listed: bool,
        request: impl Fn(u32) -> (IpAddr, HeaderMap),
    ) -> ProxiesSeen {
        let watch = ProxyWatch::default();
        for number in 0..requests {
            let (peer, headers) = request(number);
            watch.watch(0, peer, is_listed, &headers);
        }
        watch.seen()
    }

    #[test]
    fn one_peer_that_always_names_others_is_found() {
        for name in NAMING {
            let found = seen(WINDOW, false, |_| (peer(1), naming(name)));
            assert_eq!(found.unlisted, [peer(1)], "{name}");
            let early = seen(WINDOW - 1, false, |_| (peer(1), naming(name)));
            assert_eq!(early, ProxiesSeen::default());
        }
    }

    #[test]
    fn so_are_a_few_and_not_many() {
        let of = |peers: u32| {
            seen(10 * WINDOW, false, |number| {
                let number = u8::try_from(number % peers).unwrap();
                (peer(number), naming("x-forwarded-for"))
            })
        };
        assert_eq!(of(4).unlisted.len(), 4);
        assert_eq!(of(5), ProxiesSeen::default());
    }

    #[test]
    fn who_also_asks_for_itself_is_none() {
        let found = seen(100, false, |number| match number % 2 {
            0 => (peer(1), HeaderMap::new()),
            _ => (peer(1), naming("x-forwarded-for")),
        });
        assert_eq!(found, ProxiesSeen::default());
    }

    #[test]
    fn who_does_it_for_a_while_is_forgotten_again() {
        let found = |windows| {
            seen(windows * WINDOW, false, |number| match number < WINDOW {
                true => (peer(1), naming("x-forwarded-for")),
                false => (peer(2), HeaderMap::new()),
            })
        };
        assert_eq!(found(ONE_IN).unlisted, [peer(1)]);
        assert_eq!(found(ONE_IN + 1), ProxiesSeen::default());
    }

    #[test]
    fn a_listed_one_that_names_nobody_is_found() {
        let found = seen(WINDOW, true, |_| (peer(1), naming("x-real-ip")));
        assert_eq!(found.silent, [peer(1)]);
        let good = seen(WINDOW, true, |_| (peer(1), naming("x-forwarded-for")));
        assert_eq!(good, ProxiesSeen::default());
    }

    #[test]
    fn other_lists_are_judged_anew() {
        let watch = ProxyWatch::default();
        for _ in 0..WINDOW {
            watch.watch(0, peer(1), false, &naming("forwarded"));
        }
        assert_eq!(watch.seen().unlisted, [peer(1)]);
        watch.begin_anew();
        assert_eq!(watch.seen(), ProxiesSeen::default());
    }
}
