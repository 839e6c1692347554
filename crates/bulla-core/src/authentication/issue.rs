use bulla_jose::jwt::{self, SignError};
use zeroize::Zeroizing;

use super::{AuthenticationService, IssuedSession, SessionRequest};
use crate::{
    account::Account,
    ids::SessionId,
    session::{Device, Generations, Session, SessionNonce},
    time::Timestamp,
    token::{ACCESS_TOKEN_TYPE, AccessTokenGrant},
};

/// An access token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the access token could not be signed: {0}")]
pub struct IssueError(#[from] SignError);

impl AuthenticationService {
    /// A session that begins now. Nobody has its tokens before it is stored.
    pub(super) fn new_session(&self, account: &Account, device: Device, now: Timestamp) -> Session {
        Session {
            id: SessionId::from_bytes(self.ports.random()),
            account: account.id.clone(),
            nonce: SessionNonce(Zeroizing::new(self.ports.random())),
            generations: Generations::first(now),
            created_at: now,
            last_used_at: now,
            absolute_end: now.after(self.settings.session.absolute),
            device,
            name: None,
            ended: None,
        }
    }

    /// The tokens of a session at its newest generation. Only after its generations are stored:
    /// a token that the store does not know of would later pass for a stolen one.
    pub(super) fn issue(
        &self,
        session: &Session,
        account: Account,
        request: SessionRequest,
    ) -> Result<IssuedSession, IssueError> {
        let tokens = &self.settings.tokens;
        let now = self.ports.clock.now();
        let generation = session.generations.newest;
        let lifetime = tokens.lifetime(request.expires_in, now, session.absolute_end);
        let grant = AccessTokenGrant {
            session: session.id,
            generation,
            token_id: self.ports.random(),
            issued_at: now,
            lifetime,
        };
        let claims = tokens.claims(&account, grant);
        let access_token = jwt::sign(self.keys.signer(), ACCESS_TOKEN_TYPE, &claims)?;
        let refresh_token = self
            .refresh_key
            .token(session.id, generation, &session.nonce);
        Ok(IssuedSession {
            access_token,
            expires_in: lifetime,
            refresh_token,
            session_ends_in: session.absolute_end.since(now).as_secs().max(1),
            session: session.id,
            account,
        })
    }
}
