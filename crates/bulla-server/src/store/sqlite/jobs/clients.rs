//! What is done to clients.

use bulla_core::{
    audit::AuditEvent,
    client::Client,
    ids::ClientId,
    revocation::{RevocationTarget, RevocationTerm},
    store::{AssertionOutcome, AssertionUse, ClientDecision, ClientOutcome},
};
use rusqlite::Connection;

use crate::store::sqlite::{
    fault::Fault,
    tables::{access_lifetime, audit_events, client_assertions, clients},
    transaction::Transaction,
};

/// Whether its name was free; nothing is written if it was not.
pub(in crate::store::sqlite) fn create(
    connection: &Connection,
    client: &Client,
    event: &AuditEvent,
) -> Result<bool, Fault> {
    if clients::is_called(connection, &client.name, None)? {
        return Ok(false);
    }
    note_lifetime(connection, client)?;
    clients::insert(connection, client)?;
    audit_events::append(connection, event)?;
    Ok(true)
}

pub(in crate::store::sqlite) fn change(
    transaction: &mut Transaction<'_>,
    id: &ClientId,
    decision: ClientDecision,
) -> Result<ClientOutcome, Fault> {
    let Some(before) = clients::by_id(transaction, id)? else {
        return Ok(ClientOutcome::NotFound);
    };
    let Some(change) = decision(&before) else {
        return Ok(ClientOutcome::Unchanged(before));
    };
    let client = change.applied_to(&before);
    if clients::is_called(transaction, &client.name, Some(id))? {
        return Ok(ClientOutcome::NameTaken);
    }
    note_lifetime(transaction, &client)?;
    clients::update(transaction, &client)?;
    if let Some(term) = change.revoke {
        let target = RevocationTarget::Subject {
            subject: id.into(),
            min_epoch: Some(client.epoch),
        };
        transaction.revoke(target, term, None)?;
    }
    audit_events::append(transaction, &change.event)?;
    Ok(ClientOutcome::Changed(client))
}

pub(in crate::store::sqlite) fn spend_assertion(
    connection: &Connection,
    used: &AssertionUse,
) -> Result<AssertionOutcome, Fault> {
    let live = client_assertions::count(connection, used)?;
    if !client_assertions::insert(connection, used)? {
        return Ok(AssertionOutcome::SpentBefore);
    }
    if live >= used.room {
        client_assertions::delete(connection, used)?;
        return Ok(AssertionOutcome::TooMany);
    }
    Ok(AssertionOutcome::Spent)
}

pub(in crate::store::sqlite) fn delete(
    transaction: &mut Transaction<'_>,
    id: ClientId,
    revoke: RevocationTerm,
    event: &AuditEvent,
) -> Result<bool, Fault> {
    if !clients::delete(transaction, &id)? {
        return Ok(false);
    }
    transaction.revoke(RevocationTarget::Client(id), revoke, None)?;
    audit_events::append(transaction, event)?;
    Ok(true)
}

fn note_lifetime(connection: &Connection, client: &Client) -> Result<(), Fault> {
    match client.access_lifetime {
        Some(lifetime) => access_lifetime::note(connection, lifetime.span()),
        None => Ok(()),
    }
}
