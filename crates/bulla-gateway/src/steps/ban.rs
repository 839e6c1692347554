//! Whether anybody is let in from an address.

use std::ops::Deref;

use bulla_guard::{
    abuse::{Ban, Offence, Standing},
    principal::Principal,
    problem::{Code, Problem},
    refusal::Refusal,
};
use http::StatusCode;

use crate::{
    refused::Refused,
    route::{Route, RouteTable},
    target::Target,
};

/// How the client's address stood when the request came. Boxed: almost all stand well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry(Option<Box<Suspicion>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Suspicion {
    Challenged,
    Banned { ban: Ban, now: u64 },
}

impl Entry {
    /// That of whoever stands well.
    pub(crate) const GOOD: Self = Self(None);

    /// That of an address that stands so at that time, in milliseconds.
    pub(crate) fn new(standing: Standing, now: u64) -> Self {
        Self(match standing {
            Standing::Good => None,
            Standing::Challenged => Some(Box::new(Suspicion::Challenged)),
            Standing::Banned(ban) => Some(Box::new(Suspicion::Banned { ban, now })),
        })
    }

    /// Lets a request in up to the point at which it is known who sends it.
    ///
    /// # Errors
    /// 403 `address_banned`: whoever it is, nobody passes from there.
    pub(crate) fn open(&self) -> Result<(), Refused> {
        match self.banned() {
            Some((ban, now)) if !ban.spares_sessions() => Err(refused(ban, now)),
            _ => Ok(()),
        }
    }

    /// Asked before a signature is checked: while its address is banned, that is done for nobody. A token that was verified
    /// before does not come here.
    ///
    /// # Errors
    /// It is; [`settle`](Self::settle) says more.
    pub(crate) fn before_signature(&self) -> Result<(), Refusal> {
        match self.banned() {
            Some(_) => Err(Refusal::new(Code::AddressBanned, "the address is banned")),
            None => Ok(()),
        }
    }

    /// Whether whoever it turned out to be passes. Under a ban, only an account's token that was verified before does. Under
    /// a challenge, every token that holds does, unless it took no work; and Bulla's own open paths stay open, for there one
    /// gets a token. Where visitors get none, nobody is challenged.
    ///
    /// # Errors
    /// 403 `address_banned`, 401 `challenge_required`.
    pub(crate) fn settle<P: Deref<Target = Principal>>(
        &self,
        admitted: &Result<Option<P>, Refusal>,
        route: &Route,
        routes: &RouteTable,
    ) -> Result<(), Refused> {
        match self.0.as_deref() {
            None => Ok(()),
            Some(Suspicion::Banned { ban, now }) => match admitted {
                Ok(Some(principal)) if !principal.anonymous => Ok(()),
                // Somebody who is known, and may not.
                Err(refusal) if refusal.status() == StatusCode::FORBIDDEN && !is_ban(refusal) => {
                    Ok(())
                }
                _ => Err(refused(ban, *now)),
            },
            Some(Suspicion::Challenged) => match (admitted, routes.challenge()) {
                (_, None) => Ok(()),
                (Ok(Some(principal)), _) if !principal.did_no_work() => Ok(()),
                (Err(refusal), _) if refusal.status() != StatusCode::UNAUTHORIZED => Ok(()),
                _ if is_open(route) => Ok(()),
                (_, Some(path)) => Err(challenge(path)),
            },
        }
    }

    /// What a bad request is refused with: under a ban it is told that, whatever else is wrong with it.
    pub(crate) fn instead_of(&self, other: Refused) -> Refused {
        match self.banned() {
            Some((ban, now)) if other.verdict().offence().is_some() => refused(ban, now),
            _ => other,
        }
    }

    /// Whether it is a ban, whomever it spares.
    pub(crate) fn is_banned(&self) -> bool {
        self.banned().is_some()
    }

    fn banned(&self) -> Option<(&Ban, u64)> {
        match self.0.as_deref() {
            Some(Suspicion::Banned { ban, now }) => Some((ban, *now)),
            _ => None,
        }
    }
}

/// What a token that does not hold counts for. On a public route it may mean something to the service behind it, and counts
/// for nothing, unless that is one of Bulla's own. A limit says itself whom it was over.
pub(crate) fn offence(refusal: &Refusal, route: &Route) -> Option<Offence> {
    let counts = !route.policy.is_public() || is_open(route);
    Offence::of(refusal.code).filter(|_| counts && refusal.code != Code::RateLimited)
}

/// Whether Bulla itself answers anybody there.
fn is_open(route: &Route) -> bool {
    route.policy.is_public() && matches!(route.target, Target::Service(_))
}

fn is_ban(refusal: &Refusal) -> bool {
    refusal.code == Code::AddressBanned
}

fn refused(ban: &Ban, now: u64) -> Refused {
    Refused::Problem(ban.problem(now))
}

fn challenge(path: &'static str) -> Refused {
    let detail = "too much that was bad came from your address: for a while it takes a token, which a solved challenge or a \
                  login gives";
    Refused::Problem(Problem::new(Code::ChallengeRequired, detail).with("challenge", path))
}
