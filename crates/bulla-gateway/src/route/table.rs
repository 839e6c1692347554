//! Finding the route of a request.

use bulla_guard::access::Access;
use hashbrown::HashMap;
use http::{HeaderName, HeaderValue, Method};

use super::{
    ForwardedClaim, HostName, Methods, PathPattern, Route, Site, WebOrigin, pattern::Segment,
};
use crate::target::Target;

/// All routes, ready to be searched. **The most specific route wins:**
///
/// 1. Routes for the request's host come before routes for any host; those are searched if no route of the host has
///    the path.
/// 2. Among these, patterns are compared segment by segment from the left, and the first difference decides: a literal
///    before a parameter, a parameter before a catch-all. The order in the configuration plays no part.
/// 3. The pattern that won is the only one: if none of its routes has the method, the answer is 405 with `Allow`. A
///    wider pattern is not asked, or `POST` to a path that is guarded for `GET` would pass by a wider, weaker rule.
///
/// What no route has is 404, never open.
#[derive(Debug, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
    hosts: Vec<(HostName, Node)>,
    any_host: Node,
    site: Site,
    challenge: Option<&'static str>,
    claim_headers: Vec<HeaderName>,
}

impl RouteTable {
    /// Builds the table.
    ///
    /// # Errors
    /// Two routes answer the same method of the same host and pattern, or a route forwards two claims in one header.
    pub fn build(routes: Vec<Route>) -> Result<Self, RouteError> {
        let mut table = Self::default();
        for route in routes {
            table.insert(route)?;
        }
        Ok(table)
    }

    /// The same, of a gateway that browsers know as this site.
    #[must_use]
    pub fn with_site(mut self, site: Site) -> Self {
        self.site = site;
        self
    }

    /// What browsers know the gateway as.
    #[must_use]
    pub const fn site(&self) -> &Site {
        &self.site
    }

    /// The same, in front of an issuer that gives visitors without an account a token, if there is such a path for it. Where
    /// an anonymous token is enough, a `token_missing` names it.
    #[must_use]
    pub const fn with_challenge(mut self, path: Option<&'static str>) -> Self {
        self.challenge = path;
        self
    }

    /// Where a visitor without an account gets a token that this route accepts.
    pub(crate) fn challenge_for(&self, route: &Route) -> Option<&'static str> {
        let welcome = route.policy.access == Access::Anonymous;
        self.challenge.filter(|_| welcome)
    }

    /// Where a visitor without an account gets a token, if anywhere.
    pub(crate) const fn challenge(&self) -> Option<&'static str> {
        self.challenge
    }

    /// Adds a route. One that is refused leaves the table as it was.
    ///
    /// # Errors
    /// As in [`build`](Self::build): it contradicts a route that is there, or itself.
    pub fn insert(&mut self, route: Route) -> Result<(), RouteError> {
        refuse_contradictions(&route)?;
        let index = self.routes.len();
        let tree = match &route.host {
            None => &mut self.any_host,
            Some(host) => {
                let known = self.hosts.iter().position(|(name, _)| name == host);
                let position = known.unwrap_or_else(|| {
                    self.hosts.push((host.clone(), Node::default()));
                    self.hosts.len() - 1
                });
                &mut self.hosts[position].1
            }
        };
        let leaf = tree.leaf(&route.path.segments);
        for other in leaf.routes.iter().map(|other| &self.routes[*other]) {
            if other.methods.overlap(&route.methods) {
                let (first, second) = (other.path.clone(), route.path.clone());
                return Err(RouteError::Conflict {
                    host: route.host,
                    first,
                    second,
                });
            }
        }
        leaf.routes.push(index);
        for header in route.forward_claims.iter().map(ForwardedClaim::header) {
            if !self.claim_headers.contains(header) {
                self.claim_headers.push(header.clone());
            }
        }
        self.routes.push(route);
        leaf.methods
            .cors
            .extend(self.routes[index].cors.iter().cloned());
        let mut allowed: Vec<&str> = Vec::new();
        for name in leaf
            .routes
            .iter()
            .flat_map(|index| self.routes[*index].methods.allowed())
        {
            if !allowed.contains(&name) {
                allowed.push(name);
            }
        }
        leaf.methods.allow =
            HeaderValue::try_from(allowed.join(", ")).unwrap_or(HeaderValue::from_static(""));
        Ok(())
    }

    /// The routes, in the order in which they were given.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Whether what comes at this path is a question, whatever else is wrong with it.
    pub(crate) fn asks_at(&self, path: &str) -> bool {
        let mut routes = self.of_path(None, path);
        routes.any(|route| matches!(route.target, Target::ForwardAuth(_)))
    }

    /// The headers of all claims that any route forwards.
    pub(crate) fn claim_headers(&self) -> &[HeaderName] {
        &self.claim_headers
    }

    pub(crate) fn targets_mut(&mut self) -> impl Iterator<Item = &mut Target> {
        self.routes.iter_mut().map(|route| &mut route.target)
    }

    /// Whether some route is for this host alone. It is without a port.
    pub(crate) fn names_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|(name, _)| name.matches(host))
    }

    /// Finds the route of a request. `host` is without a port, `path` in [canonical form](super::canonicalize).
    #[must_use]
    pub fn find(&self, host: Option<&str>, path: &str, method: &Method) -> Found<'_> {
        let Some(leaf) = self.leaf(host, path) else {
            return Found::Nothing;
        };
        let listed = leaf
            .routes
            .iter()
            .find(|index| self.methods(**index).lists(method));
        let implied = || {
            leaf.routes
                .iter()
                .find(|index| self.methods(**index).implies(method))
        };
        match listed.or_else(implied) {
            Some(index) => Found::Route(RouteIndex(*index), &self.routes[*index]),
            None => Found::OtherMethods(&leaf.methods),
        }
    }

    /// The routes of the pattern that a path belongs to, whatever the method.
    pub(crate) fn of_path(&self, host: Option<&str>, path: &str) -> impl Iterator<Item = &Route> {
        let leaf = self.leaf(host, path).into_iter();
        let indices = leaf.flat_map(|leaf| &leaf.routes);
        indices.map(|index| &self.routes[*index])
    }

    fn leaf(&self, host: Option<&str>, path: &str) -> Option<&Leaf> {
        let own = host.and_then(|host| self.hosts.iter().find(|(name, _)| name.matches(host)));
        let leaf = own.and_then(|(_, tree)| tree.find(segments(path)));
        leaf.or_else(|| self.any_host.find(segments(path)))
    }

    fn methods(&self, index: usize) -> &Methods {
        &self.routes[index].methods
    }
}

/// What a search found.
#[derive(Debug)]
pub enum Found<'table> {
    /// The route that decides.
    Route(RouteIndex, &'table Route),
    /// The path is known, but not under this method.
    OtherMethods(&'table PathMethods),
    /// No route has the path.
    Nothing,
}

/// What is known of a path whatever the method.
#[derive(Debug, Clone)]
pub struct PathMethods {
    allow: HeaderValue,
    cors: Vec<WebOrigin>,
}

impl PathMethods {
    /// The methods of its routes, as `Allow` names them.
    #[must_use]
    pub const fn allow(&self) -> &HeaderValue {
        &self.allow
    }

    /// The origins that any of its routes lists.
    pub(crate) fn cors(&self) -> &[WebOrigin] {
        &self.cors
    }
}

/// A route's place in [`RouteTable::routes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteIndex(pub(crate) usize);

impl RouteIndex {
    /// Counted from 0.
    #[must_use]
    pub const fn position(self) -> usize {
        self.0
    }
}

/// The routes contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Two routes answer the same method of the same paths.
    #[error("two routes answer the same method of the same paths: `{first}` and `{second}`")]
    Conflict {
        /// The host of both; `None`: any.
        host: Option<HostName>,
        /// The earlier pattern.
        first: PathPattern,
        /// The later pattern.
        second: PathPattern,
    },
    /// The prefix that is to be taken off is not the beginning of all its paths.
    #[error("the paths of `{path}` do not all begin with the segments `{prefix}`")]
    PrefixElsewhere {
        /// The route's pattern.
        path: PathPattern,
        /// The prefix.
        prefix: String,
    },
    /// Two forwarded claims would share a header.
    #[error("the route `{path}` forwards two claims as `{header}`")]
    ClaimHeaderTwice {
        /// The route's pattern.
        path: PathPattern,
        /// The header.
        header: String,
    },
}

/// A tree of segments. A node is reached in one way only, so a search visits each at most once.
#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    parameter: Option<Box<Node>>,
    here: Option<Leaf>,
    catch_all: Option<Leaf>,
}

/// The routes of one pattern.
#[derive(Debug)]
struct Leaf {
    routes: Vec<usize>,
    methods: PathMethods,
}

impl Default for Leaf {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            methods: PathMethods {
                allow: HeaderValue::from_static(""),
                cors: Vec::new(),
            },
        }
    }
}

impl Node {
    fn find(&self, rest: Option<&str>) -> Option<&Leaf> {
        let Some(rest) = rest else {
            return self.here.as_ref().or(self.catch_all.as_ref());
        };
        let (segment, rest) = match rest.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (rest, None),
        };
        let literal = || self.literals.get(segment)?.find(rest);
        let parameter = || self.parameter.as_ref()?.find(rest);
        literal().or_else(parameter).or(self.catch_all.as_ref())
    }

    fn leaf(&mut self, segments: &[Segment]) -> &mut Leaf {
        match segments.split_first() {
            None => self.here.get_or_insert_default(),
            Some((Segment::CatchAll, _)) => self.catch_all.get_or_insert_default(),
            Some((Segment::Parameter, rest)) => self.parameter.get_or_insert_default().leaf(rest),
            Some((Segment::Literal(text), rest)) => {
                self.literals.entry(text.clone()).or_default().leaf(rest)
            }
        }
    }
}

/// What a route cannot say whatever the others do.
fn refuse_contradictions(route: &Route) -> Result<(), RouteError> {
    if let Some(prefix) = &route.strip_prefix
        && !prefix.leads(&route.path)
    {
        return Err(RouteError::PrefixElsewhere {
            path: route.path.clone(),
            prefix: prefix.as_str().to_owned(),
        });
    }
    for (position, claim) in route.forward_claims.iter().enumerate() {
        if route.forward_claims[..position]
            .iter()
            .any(|earlier| earlier.header() == claim.header())
        {
            let header = claim.header().to_string();
            return Err(RouteError::ClaimHeaderTwice {
                path: route.path.clone(),
                header,
            });
        }
    }
    Ok(())
}

/// The segments of a canonical path, joined by `/`; `None` for the root. A final `/` makes no difference.
fn segments(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    (!rest.is_empty()).then_some(rest)
}
