//! All servers that some route leads to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::Notify;

use super::{Server, Shared, Upstream};
use crate::{route::RouteTable, target::Target};

/// The servers of a gateway. One that stays over a change of the routes keeps its health and its connections; one that no
/// route leads to any more is forgotten once its last request has ended.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    known: Mutex<Vec<Weak<Server>>>,
    changed: Notify,
}

impl Roster {
    /// Puts the servers that are known in the place of those that are described anew, and takes note of the others. To be
    /// called before the routes are used.
    pub(crate) fn adopt(&self, routes: &mut RouteTable) {
        let mut known = self.lock();
        known.retain(|server| server.strong_count() > 0);
        let mut adopted: HashMap<*const Shared, Upstream> = HashMap::new();
        for target in routes.targets_mut() {
            if let Target::Upstream(upstream) = target {
                let entry = adopted.entry(Arc::as_ptr(&upstream.0));
                let adopted = entry.or_insert_with(|| known_as(upstream, &mut known));
                *upstream = adopted.clone();
            }
        }
        drop(known);
        self.changed.notify_one();
    }

    /// Those that are in use; the ones that were adopted last stand last.
    pub(crate) fn servers(&self) -> Vec<Arc<Server>> {
        self.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// Ends when others may be in use than at the last call.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    // No panic leaves it half changed.
    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Server>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn known_as(upstream: &Upstream, known: &mut Vec<Weak<Server>>) -> Upstream {
    let mut servers = Vec::with_capacity(upstream.servers().len());
    for server in upstream.servers() {
        let same = |known: &Weak<Server>| known.upgrade().filter(|known| known.is_same(server));
        let mut places = known.iter().enumerate();
        let found = places.find_map(|(place, known)| Some((place, same(known)?)));
        let adopted = match found {
            Some((place, found)) => {
                known.remove(place);
                found
            }
            None => Arc::clone(server),
        };
        known.push(Arc::downgrade(&adopted));
        servers.push(adopted);
    }
    Upstream::on(&upstream.0.name, upstream.0.balance, servers)
}

#[cfg(test)]
mod tests {
    use bulla_guard::access::{Access, AccessPolicy};

    use super::*;
    use crate::{
        route::{PathPattern, Route},
        target::{Protocol, UpstreamOptions},
    };

    fn routes(servers: &[&str]) -> RouteTable {
        routes_with(servers, &UpstreamOptions::default())
    }

    fn routes_with(servers: &[&str], options: &UpstreamOptions) -> RouteTable {
        let upstream = Upstream::parse("api", servers, options).unwrap();
        let route = |path| {
            let path = PathPattern::parse(path).unwrap();
            let target = Target::Upstream(upstream.clone());
            Route::new(path, AccessPolicy::new(Access::Public), target)
        };
        RouteTable::build(vec![route("/a"), route("/b")]).unwrap()
    }

    fn upstreams(routes: &RouteTable) -> Vec<&Upstream> {
        let routes = routes.routes().iter();
        routes
            .filter_map(|route| match &route.target {
                Target::Upstream(upstream) => Some(upstream),
                Target::Service(_) | Target::ForwardAuth(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_server_that_stays_is_the_same_one_and_one_that_goes_is_forgotten() {
        let roster = Roster::default();
        let mut before = routes(&["http://a", "http://b"]);
        roster.adopt(&mut before);
        let mut after = routes(&["http://b", "http://c"]);
        roster.adopt(&mut after);
        let (old, new) = (upstreams(&before)[0], upstreams(&after)[0]);
        assert!(Arc::ptr_eq(&old.servers()[1], &new.servers()[0]));
        assert_eq!(
            roster.servers().len(),
            3,
            "requests of the old routes go on"
        );
        drop(before);
        let left = roster.servers();
        let left: Vec<String> = left
            .iter()
            .map(|server| server.address.to_string())
            .collect();
        assert_eq!(left, ["http://b", "http://c"]);
    }

    #[test]
    fn the_servers_in_force_stand_after_those_that_requests_still_go_to() {
        let roster = Roster::default();
        let described = |protocol| {
            let options = UpstreamOptions {
                protocol,
                ..UpstreamOptions::default()
            };
            routes_with(&["http://a", "http://b"], &options)
        };
        let [mut first, mut second, mut again] =
            [Protocol::Http1, Protocol::Http2, Protocol::Http1].map(described);
        for table in [&mut first, &mut second, &mut again] {
            roster.adopt(table);
            let servers = roster.servers();
            for (known, in_force) in servers
                .iter()
                .rev()
                .zip(upstreams(table)[0].servers().iter().rev())
            {
                assert!(Arc::ptr_eq(known, in_force));
            }
        }
        assert_eq!(roster.servers().len(), 4);
    }

    #[test]
    fn routes_that_shared_an_upstream_still_do() {
        let roster = Roster::default();
        let mut table = routes(&["http://a", "http://b"]);
        roster.adopt(&mut table);
        let upstreams = upstreams(&table);
        assert!(Arc::ptr_eq(&upstreams[0].0, &upstreams[1].0));
        assert_eq!(roster.servers().len(), 2);
    }
}
