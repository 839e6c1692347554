//! Visitors without an account: a challenge, a proof of work, and a signed token that says `anon: true`.
//!
//! Nothing is stored, neither of the challenge nor of the visitor. Redeeming is idempotent: a challenge is one token, however
//! often and at whichever issuer of the master key it is redeemed. The way to an account is
//! [`upgrade`](crate::authentication::AuthenticationService::upgrade).

mod challenge;
mod demand;
mod difficulty;
pub mod puzzle;
mod token;

use std::{sync::Arc, time::Duration};

pub use self::{
    challenge::{Challenge, ChallengeKey, ChallengeRefused, Recipient},
    difficulty::{Difficulty, Work},
};
use self::{
    demand::Demand,
    puzzle::{Nonce, Unsolved},
    token::AnonymousTokenClaims,
};
use crate::{
    ids::AccountId,
    key::ring::{IssueError, KeyRing},
    ports::{Clock, Entropy},
    token::{ACCESS_TOKEN_TYPE, TokenSettings},
};

/// The claim `plan` of whoever solved a challenge.
pub const PLAN: &str = "anonymous";

/// The claim `plan` of whoever was asked for no work.
pub const MINIMAL_PLAN: &str = "anonymous_minimal";

/// The use cases of visitors. It has no store: whatever it does, it leaves nothing behind.
#[derive(Clone)]
pub struct AnonymousService {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keys: Arc<KeyRing>,
    challenge_key: ChallengeKey,
    tokens: TokenSettings,
    demand: Arc<Demand>,
}

/// What a visitor asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Level 0: no work, and the plan [`MINIMAL_PLAN`].
    Unproven,
    /// Level 1: a proof of work, and the plan [`PLAN`].
    Proven {
        /// By how many steps the proof shall be harder, each of twice the work, because of who asks.
        raised_by: u8,
    },
}

/// Where a visitor comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor<'a> {
    /// As in [`Recipient::client_key`].
    pub client_key: Option<&'a str>,
    /// As in [`Recipient::prefix`].
    pub prefix: &'a str,
}

/// A challenge, as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedChallenge {
    /// The text to solve and to send back.
    pub text: String,
    /// What it says.
    pub challenge: Challenge,
}

/// A visitor's access token, as it is handed out.
pub struct AnonymousToken {
    /// A signed JWT.
    pub access_token: String,
    /// How long it still lives, in seconds.
    pub expires_in: u64,
    /// Claim `sub`.
    pub visitor: AccountId,
    /// Claim `plan`.
    pub plan: &'static str,
}

/// Why a challenge was not redeemed.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// The challenge is none of this visitor's, or not any more.
    #[error(transparent)]
    Challenge(#[from] ChallengeRefused),
    /// The proof is none.
    #[error(transparent)]
    Unsolved(#[from] Unsolved),
    /// No token could be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// How long a challenge may be redeemed.
const CHALLENGE_LIFETIME: Duration = Duration::from_secs(60);

impl AnonymousService {
    /// The use cases over these ports: `keys` sign access tokens, `challenge_key` makes challenges.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        keys: Arc<KeyRing>,
        challenge_key: ChallengeKey,
        tokens: TokenSettings,
    ) -> Self {
        let mut seed = [0; 16];
        entropy.fill(&mut seed);
        Self {
            clock,
            entropy,
            keys,
            challenge_key,
            tokens,
            demand: Arc::new(Demand::new(seed)),
        }
    }

    /// A new challenge. How hard it is depends on who asks and on how many are redeemed at once, never on how fast anybody
    /// solves them.
    #[must_use]
    pub fn challenge(&self, level: Level, visitor: Visitor<'_>) -> IssuedChallenge {
        let issued_at = self.clock.now();
        let work = match level {
            Level::Unproven => Work::None,
            Level::Proven { raised_by } => {
                let steps = self.demand.steps(issued_at).saturating_add(raised_by);
                Work::Puzzles(Difficulty::raised_by(steps))
            }
        };
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        // The token begins with the challenge, so it must not end before it.
        let lifetime = CHALLENGE_LIFETIME.min(self.tokens.access_lifetime);
        let challenge = Challenge {
            id,
            issued_at,
            expires_at: issued_at.after(lifetime),
            work,
        };
        let recipient = self.recipient(visitor);
        let text = self.challenge_key.seal(&challenge, recipient);
        IssuedChallenge { text, challenge }
    }

    /// The token for a solved challenge. `known` is who the visitor is already, by an anonymous token that holds: the new
    /// token is theirs. The same challenge gives the same `jti` each time, so that what is counted by it is counted once.
    ///
    /// # Errors
    /// [`RedeemError`].
    pub fn redeem(
        &self,
        challenge: &str,
        nonces: &[Nonce],
        visitor: Visitor<'_>,
        known: Option<AccountId>,
    ) -> Result<AnonymousToken, RedeemError> {
        let opened = self
            .challenge_key
            .open(challenge, self.recipient(visitor))?;
        let now = self.clock.now();
        opened.check_time(now)?;
        match opened.work {
            Work::Puzzles(difficulty) => {
                puzzle::check(challenge, difficulty, nonces)?;
                self.demand.count(&opened.id, now);
            }
            Work::None if nonces.is_empty() => {}
            Work::None => {
                return Err(Unsolved::OtherCount {
                    puzzles: 0,
                    nonces: nonces.len(),
                }
                .into());
            }
        }
        let visitor = known.unwrap_or_else(|| token::new_visitor(&opened));
        let claims = AnonymousTokenClaims::new(&self.tokens, &opened, &visitor);
        let left = claims.expires_at.saturating_sub(now.as_seconds());
        let access_token = self.keys.sign(ACCESS_TOKEN_TYPE, &claims)?;
        Ok(AnonymousToken {
            access_token,
            expires_in: u64::try_from(left).unwrap_or(0),
            visitor,
            plan: plan(opened.work),
        })
    }

    fn recipient<'a>(&'a self, visitor: Visitor<'a>) -> Recipient<'a> {
        Recipient {
            audience: &self.tokens.audience,
            client_key: visitor.client_key,
            prefix: visitor.prefix,
        }
    }
}

/// The plan of whoever did this work.
const fn plan(work: Work) -> &'static str {
    match work {
        Work::None => MINIMAL_PLAN,
        Work::Puzzles(_) => PLAN,
    }
}

impl std::fmt::Debug for AnonymousService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnonymousService")
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AnonymousToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnonymousToken")
            .field("visitor", &self.visitor)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
