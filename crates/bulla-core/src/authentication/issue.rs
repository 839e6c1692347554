use std::time::Duration;

use super::{AuthenticationService, IssueError, IssuedSession};
use crate::{
    account::Account,
    session::Session,
    token::{ACCESS_TOKEN_TYPE, AccessTokenGrant},
};

impl AuthenticationService {
    /// The tokens of a session at its newest generation. Only after its generations are stored:
    /// a token that the store does not know of would later pass for a stolen one.
    pub(super) fn issue(
        &self,
        session: &Session,
        account: Account,
        expires_in: Option<Duration>,
    ) -> Result<IssuedSession, IssueError> {
        let tokens = &self.settings.tokens;
        let now = self.ports.clock.now();
        let generation = session.generations.newest;
        let lifetime = tokens.lifetime(expires_in, now, session.absolute_end);
        let grant = AccessTokenGrant {
            session: session.id,
            generation,
            token_id: self.ports.random(),
            issued_at: now,
            lifetime,
        };
        let claims = tokens.claims(&account, grant);
        let access_token = self.keys.sign(ACCESS_TOKEN_TYPE, &claims)?;
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
