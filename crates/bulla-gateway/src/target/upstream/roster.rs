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

    /// Those that are in use.
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
        let mut live = known.iter().filter_map(Weak::upgrade);
        let found = live.find(|known| known.is_same(server));
        servers.push(found.unwrap_or_else(|| {
            known.push(Arc::downgrade(server));
            Arc::clone(server)
        }));
    }
    Upstream::on(&upstream.0.name, upstream.0.balance, servers)
}

#[cfg(test)]
mod tests {
    use bulla_guard::access::{Access, AccessPolicy};

    use super::*;
    use crate::{
        route::{PathPattern, Route},
        target::UpstreamOptions,
    };

    fn routes(servers: &[&str]) -> RouteTable {
        let upstream = Upstream::parse("api", servers, &UpstreamOptions::default()).unwrap();
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
    fn routes_that_shared_an_upstream_still_do() {
        let roster = Roster::default();
        let mut table = routes(&["http://a", "http://b"]);
        roster.adopt(&mut table);
        let upstreams = upstreams(&table);
        assert!(Arc::ptr_eq(&upstreams[0].0, &upstreams[1].0));
        assert_eq!(roster.servers().len(), 2);
    }
}
