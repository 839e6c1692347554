//! Whether everything comes from one proxy that is not listed: then all clients are taken for one, and what one of them does
//! counts against all.

use std::{
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use http::HeaderMap;

/// One in so many requests is looked at: it is nothing that changes between two of them.
const SAMPLE: u8 = 8;

/// So many in a row from one peer, each of which names another client, are no chance.
const IN_A_ROW: u32 = 16;

/// Watches who says that others asked.
#[derive(Debug, Default)]
pub(crate) struct UnlistedProxy {
    told: AtomicBool,
    row: Mutex<Row>,
}

#[derive(Debug, Default)]
struct Row {
    peer: Option<IpAddr>,
    length: u32,
}

impl UnlistedProxy {
    /// Looks at one in some requests of peers that are not listed; `number` differs from one request to the next. Warns once.
    pub(crate) fn watch(&self, number: u8, peer: IpAddr, headers: &HeaderMap) {
        if number.is_multiple_of(SAMPLE) && self.is_found(peer, headers) {
            tracing::warn!(
                %peer,
                "every request comes from this address and names another client in X-Forwarded-For: if it is a proxy, list \
                 it in trusted_proxies; until then all its clients are one, and what one does counts against all"
            );
        }
    }

    /// Whether this one makes it certain. Never again after that.
    fn is_found(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        if self.told.load(Ordering::Relaxed) {
            return false;
        }
        // No panic leaves it half changed.
        let mut row = self.row.lock().unwrap_or_else(PoisonError::into_inner);
        if !headers.contains_key("x-forwarded-for") {
            *row = Row::default();
            return false;
        }
        row.length = match row.peer == Some(peer) {
            true => row.length + 1,
            false => 1,
        };
        row.peer = Some(peer);
        row.length >= IN_A_ROW && !self.told.swap(true, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn forwarded() -> HeaderMap {
        HeaderMap::from_iter([(
            http::HeaderName::from_static("x-forwarded-for"),
            HeaderValue::from_static("192.0.2.1"),
        )])
    }

    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn one_peer_that_always_names_others_is_found_once() {
        let proxy = UnlistedProxy::default();
        let found = (0..100).filter(|_| proxy.is_found(PROXY, &forwarded()));
        assert_eq!(found.count(), 1);
    }

    #[test]
    fn neither_several_peers_nor_one_that_asks_for_itself_are() {
        let proxy = UnlistedProxy::default();
        for _ in 0..100 {
            assert!(!proxy.is_found(PROXY, &forwarded()));
            assert!(!proxy.is_found(OTHER, &forwarded()));
        }
        for _ in 0..100 {
            assert!(!proxy.is_found(PROXY, &forwarded()));
            assert!(!proxy.is_found(PROXY, &HeaderMap::new()));
        }
    }
}
