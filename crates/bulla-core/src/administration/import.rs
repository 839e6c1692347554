use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};

use super::{AdministrationService, Administrator, create::granted};
use crate::{
    account::{Account, CustomClaims, DisplayName, Email, PasswordHash, Plan, Role, Username},
    audit::{AuditEvent, AuditKind},
    ids::AccountId,
    registration::NameMissing,
    store::{AccountImport, ImportEntry, ImportOutcome, StoreError},
    time::Timestamp,
};

/// An account that another system, or another Bulla, has exported.
#[derive(Debug, Clone)]
pub struct ImportedAccount {
    identity: AccountId,
    email: Option<Email>,
    username: Option<Username>,
    /// What to call them.
    pub name: Option<DisplayName>,
    /// How their password is checked.
    pub password: PasswordHash,
    /// Claim `roles`.
    pub roles: BTreeSet<Role>,
    /// Claim `plan`.
    pub plan: Plan,
    /// Custom claims.
    pub claims: CustomClaims,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// When the account was made there, if that is known.
    pub created_at: Option<Timestamp>,
}

/// Whose identity an imported account gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedIdentity {
    /// The one that it had.
    Kept(AccountId),
    /// One that is made of this text, which says who it is in the system that it comes from.
    Of(String),
    /// One that is made of its names.
    OfNames,
}

impl ImportedAccount {
    /// An account with the plan `free`, and without a name, a password, roles or claims.
    ///
    /// # Errors
    /// [`NameMissing`]: with neither an email address nor a user name nobody could sign in.
    pub fn new(
        identity: ImportedIdentity,
        email: Option<Email>,
        username: Option<Username>,
    ) -> Result<Self, NameMissing> {
        let names = [
            email.as_ref().map(Email::folded),
            username.as_ref().map(Username::folded),
        ];
        if names == [None, None] {
            return Err(NameMissing);
        }
        let identity = match identity {
            ImportedIdentity::Kept(id) => id,
            ImportedIdentity::Of(source) => made_of(&["source", &source]),
            ImportedIdentity::OfNames => {
                made_of(&["names", names[0].unwrap_or(""), names[1].unwrap_or("")])
            }
        };
        Ok(Self {
            identity,
            email,
            username,
            name: None,
            password: PasswordHash::NONE,
            roles: BTreeSet::new(),
            plan: Plan::free(),
            claims: CustomClaims::default(),
            disabled: false,
            created_at: None,
        })
    }

    /// Its identity here: the same at every import.
    #[must_use]
    pub const fn identity(&self) -> &AccountId {
        &self.identity
    }

    fn into_account(self, now: Timestamp) -> Account {
        Account {
            // An account that was a visitor is above the epoch of the visitor's tokens.
            epoch: self.identity.is_of_visitor().into(),
            id: self.identity,
            email: self.email,
            username: self.username,
            name: self.name,
            password: self.password,
            roles: self.roles,
            plan: self.plan,
            claims: self.claims,
            disabled_at: self.disabled.then_some(now),
            created_at: self.created_at.map_or(now, |at| at.min(now)),
        }
    }
}

/// An identity that the same texts give every time. None of the texts holds a NUL.
fn made_of(texts: &[&str]) -> AccountId {
    let digest = digest(&SHA256, texts.join("\0").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    AccountId::from_random(bytes)
}

impl AdministrationService {
    /// Makes those of the accounts that can be made. Whoever is there already stays as they are, but that an account
    /// without a password gets this one; and whoever has a name or address that is taken, or looks like one, is left out. What became of each, in their order. In a rehearsal
    /// everything stays as it is.
    ///
    /// # Errors
    /// [`StoreError`]; then none was made.
    pub async fn import(
        &self,
        accounts: Vec<ImportedAccount>,
        rehearsal: bool,
        by: &Administrator,
    ) -> Result<Vec<ImportOutcome>, StoreError> {
        let now = self.ports.clock.now();
        let entry = |imported: ImportedAccount| {
            let account = imported.into_account(now);
            let did = |kind, more: Option<String>| AuditEvent {
                detail: Some(match more {
                    Some(more) => format!("imported, {more}"),
                    None => "imported".to_owned(),
                }),
                ..by.did(kind, &account.id, now)
            };
            ImportEntry {
                password_added: did(AuditKind::PasswordChanged, None),
                created: did(AuditKind::AccountCreated, granted(&account)),
                account,
            }
        };
        let import = AccountImport {
            accounts: accounts.into_iter().map(entry).collect(),
            now,
            rehearsal,
        };
        self.ports.store.import_accounts(&import).await
    }
}
