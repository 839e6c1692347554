//! What users do: register (or become one, as a visitor), sign in, stay signed in, sign out. A file per use case.

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use crate::{
    account::{Account, PasswordPolicy},
    ids::{AccountId, SessionId},
    key::ring::{IssueError, KeyRing},
    link::LinkKey,
    ports::Ports,
    revocation::RevocationTerm,
    session::refresh_token::{PresentedToken, RefreshKeys},
    store::StoreError,
    time::Timestamp,
    token::TokenSettings,
};

mod change_email;
mod change_password;
mod delete;
mod inspect;
mod issue;
mod links;
mod login;
mod login_by_mail;
mod logout;
mod opening;
mod proof;
mod refresh;
mod register;
mod register_by_mail;
mod rename;
mod reset_password;
mod sessions;
mod wrong_passwords;

pub use change_email::{ConfirmEmailError, EmailWish};
pub use change_password::ChangePasswordError;
pub use inspect::LiveRefreshToken;
pub use links::{LinkSettings, MailedLogin};
pub use login::LoginError;
pub use login_by_mail::LoginByMailError;
pub use logout::LogoutError;
pub use proof::{Proof, ProofError};
pub use refresh::RefreshError;
pub use register::{KnownVisitor, RegisterError};
pub use register_by_mail::{ConfirmRegistrationError, RegisterByMailError};
pub use reset_password::ResetPasswordError;
pub use sessions::OwnSessionError;
pub use wrong_passwords::RecordedPasswords;
use wrong_passwords::WrongPasswords;

/// The use cases of users.
#[derive(Clone)]
pub struct AuthenticationService {
    ports: Ports,
    keys: Arc<KeyRing>,
    refresh_keys: Arc<RefreshKeys>,
    link_key: LinkKey,
    settings: AuthenticationSettings,
    wrong_passwords: Arc<WrongPasswords>,
}

/// How the use cases of users and administrators are configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationSettings {
    /// Access tokens.
    pub tokens: TokenSettings,
    /// Sessions.
    pub session: SessionSettings,
    /// New passwords.
    pub password: PasswordPolicy,
    /// What is done by mail.
    pub links: LinkSettings,
}

/// How long sessions live, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSettings {
    /// T: a generation used this long after it was handed out is settled.
    pub settle: Duration,
    /// A session that is not refreshed for this long has expired.
    pub idle: Duration,
    /// So has one that was opened this long ago, whatever happened since.
    pub absolute: Duration,
    /// How many live sessions an account may have; the oldest end.
    pub max_per_user: u32,
    /// What a refresh from another browser family or operating system comes to.
    pub on_device_change: OnChange,
    /// What a refresh from another network comes to: from another /16 of IPv4 or /32 of IPv6.
    pub on_network_change: OnChange,
}

/// What is made of a session that is refreshed from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// An audit event.
    Record,
    /// An audit event, and a refusal. The session goes on where it was.
    Refuse,
}

/// What a client asks of the session that it gets.
#[derive(Debug, Clone, Default)]
pub struct SessionRequest {
    /// A shorter life for the access token; a longer one is not granted.
    pub expires_in: Option<Duration>,
    /// The refresh token that the new one takes the place of, in a browser that keeps one: nobody has it any more
    /// then, so its session ends.
    pub replaces: Option<PresentedToken>,
}

/// A session's tokens, as they are handed out.
pub struct IssuedSession {
    /// The access token: a signed JWT.
    pub access_token: String,
    /// How long it lives, in seconds.
    pub expires_in: u64,
    /// The refresh token.
    pub refresh_token: Zeroizing<String>,
    /// How long it is until the session's absolute end, in seconds.
    pub session_ends_in: u64,
    /// The session.
    pub session: SessionId,
    /// The account as it was when the tokens were made.
    pub account: Account,
}

impl AuthenticationSettings {
    /// Tokens may be accepted this much past their end: issuers' and gateways' clocks differ.
    const MARGIN: Duration = Duration::from_secs(60);

    /// How long what is revoked now must be remembered.
    #[must_use]
    pub fn revocation_term(&self, now: Timestamp) -> RevocationTerm {
        RevocationTerm {
            now,
            access_lifetime: self.tokens.access_lifetime,
            // For as long, the newest generation is handed out again without a write.
            slack: self.session.settle.saturating_add(Self::MARGIN),
        }
    }
}

impl AuthenticationService {
    /// The use cases over these ports: `keys` sign access tokens, `refresh_keys` make refresh tokens, and `link_key` keeps
    /// the codes that are sent by mail.
    #[must_use]
    pub fn new(
        ports: Ports,
        keys: Arc<KeyRing>,
        refresh_keys: RefreshKeys,
        link_key: LinkKey,
        settings: AuthenticationSettings,
    ) -> Self {
        Self {
            ports,
            keys,
            refresh_keys: Arc::new(refresh_keys),
            link_key,
            settings,
            wrong_passwords: Arc::default(),
        }
    }

    /// The account, as `GET /auth/me` shows it; `None` once it is deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        self.ports.store.account(id).await
    }

    /// The settings it works with.
    #[must_use]
    pub const fn settings(&self) -> &AuthenticationSettings {
        &self.settings
    }
}

impl std::fmt::Debug for AuthenticationService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthenticationService")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for IssuedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedSession")
            .field("session", &self.session)
            .field("account", &self.account.id)
            .finish_non_exhaustive()
    }
}
