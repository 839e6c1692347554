use std::collections::BTreeSet;

use bulla_jose::jwt::Audience;

use crate::{
    account::DisplayName,
    administration::{AdministrationService, Administrator},
    audit::{AuditEvent, AuditKind},
    client::{AccessLifetime, Audiences, Client, ClientCredential, ClientKeys, Scope},
    ids::ClientId,
    revocation::RevocationTerm,
    store::{ClientChange, ClientDecision, ClientOutcome, StoreError},
    time::Timestamp,
};

/// What shall be different; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct ClientEdit {
    /// The new name.
    pub name: Option<DisplayName>,
    /// The new set of scopes. One that is taken away ends the client's tokens.
    pub scopes: Option<BTreeSet<Scope>>,
    /// The new audiences. One that is taken away ends the client's tokens.
    pub audiences: Option<Audiences>,
    /// The new lifetime of access tokens; `Some(None)`: as long as everybody's.
    pub access_lifetime: Option<Option<AccessLifetime>>,
    /// Whether it gets no tokens. Disabling ends those it has.
    pub disabled: Option<bool>,
    /// The keys by which it proves itself from now on, instead of those or the secret from before.
    pub keys: Option<ClientKeys>,
    /// Whether the tokens that it has end, whatever else is different.
    pub revoke_tokens: bool,
}

/// Why a client was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditClientError {
    /// There is no such client.
    #[error("there is no such client")]
    NotFound,
    /// Another client is called so.
    #[error("another client is called so")]
    NameTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A client as it shall be, and whether that ends its tokens.
pub(super) struct EditedClient {
    pub(super) client: Client,
    pub(super) ends_tokens: bool,
}

impl AdministrationService {
    /// Changes a client.
    ///
    /// # Errors
    /// [`EditClientError`].
    pub async fn set_client(
        &self,
        id: &ClientId,
        edit: ClientEdit,
        by: &Administrator,
    ) -> Result<Client, EditClientError> {
        let now = self.ports.clock.now();
        let edited = move |client: &Client| edit.applied_to(client, now);
        self.change_client(id, now, by, edited).await
    }

    /// Changes the client as the store reads it while nobody else can change it.
    pub(super) async fn change_client(
        &self,
        id: &ClientId,
        now: Timestamp,
        by: &Administrator,
        edited: impl FnOnce(&Client) -> EditedClient + Send + 'static,
    ) -> Result<Client, EditClientError> {
        let term = self.settings.revocation_term(now);
        let by = by.clone();
        let decision: ClientDecision =
            Box::new(move |before| edited(before).into_change(before, term, &by));
        match self.ports.store.change_client(id, decision).await? {
            ClientOutcome::NotFound => Err(EditClientError::NotFound),
            ClientOutcome::NameTaken => Err(EditClientError::NameTaken),
            ClientOutcome::Unchanged(client) | ClientOutcome::Changed(client) => Ok(client),
        }
    }
}

impl EditedClient {
    /// `None` if nothing is to be written.
    fn into_change(
        mut self,
        before: &Client,
        term: RevocationTerm,
        by: &Administrator,
    ) -> Option<ClientChange> {
        if self.client == *before && !self.ends_tokens {
            return None;
        }
        if self.ends_tokens {
            self.client.epoch = before.epoch.saturating_add(1);
        }
        let changes = differences(before, &self.client);
        let event = AuditEvent {
            detail: (!changes.is_empty()).then(|| changes.join(", ")),
            ..by.did(AuditKind::ClientChanged, &before.id, term.now)
        };
        Some(ClientChange {
            revoke: self.ends_tokens.then_some(term),
            client: self.client,
            event,
        })
    }
}

impl ClientEdit {
    fn applied_to(self, before: &Client, now: Timestamp) -> EditedClient {
        let mut client = before.clone();
        if let Some(name) = self.name {
            client.name = name;
        }
        if let Some(scopes) = self.scopes {
            client.scopes = scopes;
        }
        if let Some(audiences) = self.audiences {
            client.audiences = audiences;
        }
        if let Some(lifetime) = self.access_lifetime {
            client.access_lifetime = lifetime;
        }
        if let Some(keys) = self.keys {
            client.credential = ClientCredential::Keys(keys);
        }
        match self.disabled {
            Some(true) => client.disabled_at = before.disabled_at.or(Some(now)),
            Some(false) => client.disabled_at = None,
            None => {}
        }
        // What it may no longer do it must lose now.
        let disabled = before.disabled_at.is_none() && client.disabled_at.is_some();
        let ends_tokens = self.revoke_tokens
            || disabled
            || !before.scopes.is_subset(&client.scopes)
            || !before.audiences.is_subset(&client.audiences);
        EditedClient {
            client,
            ends_tokens,
        }
    }
}

/// What an auditor wants to know of a change.
pub(super) fn differences(before: &Client, after: &Client) -> Vec<String> {
    let mut changes = Vec::new();
    let granted = after.scopes.difference(&before.scopes);
    changes.extend(granted.map(|scope| format!("scope {scope} granted")));
    let removed = before.scopes.difference(&after.scopes);
    changes.extend(removed.map(|scope| format!("scope {scope} removed")));
    if before.audiences != after.audiences {
        let named = after.audiences.named().iter().map(Audience::as_str);
        let named: Vec<_> = named.collect();
        changes.push(match named.as_slice() {
            [] => "audience everybody's".to_owned(),
            _ => format!("audience {}", named.join(" ")),
        });
    }
    if before.access_lifetime != after.access_lifetime {
        changes.push(match after.access_lifetime {
            None => "lifetime everybody's".to_owned(),
            Some(lifetime) => format!("lifetime {} seconds", lifetime.as_seconds()),
        });
    }
    for (differs, what) in [
        (before.name != after.name, "name changed"),
        (
            before.credential != after.credential,
            match after.credential {
                ClientCredential::Secrets(_) => "secret replaced",
                ClientCredential::Keys(_) => "keys replaced",
            },
        ),
    ] {
        changes.extend(differs.then(|| what.to_owned()));
    }
    match (before.disabled_at, after.disabled_at) {
        (None, Some(_)) => changes.push("disabled".to_owned()),
        (Some(_), None) => changes.push("enabled".to_owned()),
        _ => {}
    }
    if before.epoch != after.epoch {
        changes.push("tokens revoked".to_owned());
    }
    changes
}
