//! Sessions that begin: with an account, or beside others of one.

use zeroize::Zeroizing;

use super::{AuthenticationService, KnownVisitor, SessionRequest};
use crate::{
    account::Account,
    audit::{Actor, AuditEvent, AuditKind},
    ids::SessionId,
    session::{Device, EndReason, Ended, Generations, Session, SessionCap, SessionNonce},
    store::{AccountCreation, SessionStart, StoreError, VisitorEnd},
    time::Timestamp,
};

/// The epoch of the account that a visitor becomes: above that of all anonymous tokens.
const UPGRADED: u64 = 1;

impl AuthenticationService {
    /// A new account with its first session. A visitor's has the identity that he had.
    pub(super) async fn creation(
        &self,
        account: Account,
        visitor: Option<KnownVisitor>,
        device: Device,
        request: &SessionRequest,
    ) -> Result<(AccountCreation, Session), StoreError> {
        let now = account.created_at;
        let visitor_end = visitor.as_ref().map(|visitor| VisitorEnd {
            handed_out_at: visitor.issued_at,
            revoke: self.settings.revocation_term(now),
        });
        let (account, kind) = match visitor {
            None => (account, AuditKind::AccountCreated),
            Some(KnownVisitor { id, .. }) => {
                let epoch = UPGRADED;
                let upgraded = Account {
                    id,
                    epoch,
                    ..account
                };
                (upgraded, AuditKind::VisitorUpgraded)
            }
        };
        let session = self.new_session(&account, device, now);
        let creation = AccountCreation {
            account,
            session: Some(session.clone()),
            replaces: self
                .end_of_replaced(request, session.device.address)
                .await?,
            visitor: visitor_end,
            event: opened(kind, &session),
        };
        Ok((creation, session))
    }

    /// A new session of an account that is as it was when its owner was proven.
    pub(super) async fn session_start(
        &self,
        account: &Account,
        device: Device,
        request: &SessionRequest,
    ) -> Result<SessionStart, StoreError> {
        // Taken after the password was checked, which may have waited: tokens begin now.
        let now = self.ports.clock.now();
        let session = self.new_session(account, device, now);
        let from = session.device.address;
        Ok(SessionStart {
            account_epoch: account.epoch,
            replaces: self.end_of_replaced(request, from).await?,
            cap: SessionCap {
                most: self.settings.session.max_per_user,
                idle: self.settings.session.idle,
            },
            surplus_ends: Ended {
                at: now,
                reason: EndReason::TooMany,
            },
            revoke: self.settings.revocation_term(now),
            surplus_event: AuditEvent {
                actor: Actor::System,
                detail: Some(EndReason::TooMany.as_str().to_owned()),
                ..AuditEvent::by_owner(AuditKind::SessionEnded, &account.id, now, from)
            },
            event: opened(AuditKind::SessionOpened, &session),
            session,
        })
    }

    /// Nobody has its tokens before it is stored.
    fn new_session(&self, account: &Account, device: Device, now: Timestamp) -> Session {
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
}

fn opened(kind: AuditKind, session: &Session) -> AuditEvent {
    let (at, from) = (session.created_at, session.device.address);
    AuditEvent::by_owner(kind, &session.account, at, from).in_session(session.id)
}
