use std::time::Duration;

use super::{AuthenticationService, IssueError, IssuedSession};
use crate::{
    account::Account,
    session::{Session, refresh_token::RefreshKeyVersion},
    store::StoreError,
    token::{ACCESS_TOKEN_TYPE, AccessTokenGrant},
};

impl AuthenticationService {
    /// The first tokens of a session that was stored just now.
    pub(super) async fn issue_first<E: From<IssueError> + From<StoreError>>(
        &self,
        session: &Session,
        account: Account,
        expires_in: Option<Duration>,
    ) -> Result<IssuedSession, E> {
        let key_version = self.ports.store.refresh_key_version().await?;
        Ok(self.issue(session, account, key_version, expires_in)?)
    }

    /// The tokens of a session at its newest generation. Only after its generations are stored:
    /// a token that the store does not know of would later pass for a stolen one.
    pub(super) fn issue(
        &self,
        session: &Session,
        account: Account,
        key_version: RefreshKeyVersion,
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
        let refresh_token =
            self.refresh_keys
                .of(key_version)
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
