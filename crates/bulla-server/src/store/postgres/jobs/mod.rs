//! The transactions: what each writing method of the store does.

mod accounts;
mod audit;
mod clients;
mod imports;
mod links;
mod purge;
mod revocations;
mod sessions;
mod signing_keys;

pub(super) use self::{
    accounts::{ChangeAccount, DeleteAccount, ReplacePasswordHash},
    audit::Record,
    clients::{ChangeClient, CreateClient, DeleteClient},
    links::{AddLink, AttemptLink, SpendLink},
    purge::Purge,
    revocations::RevokeToken,
    sessions::{RenameSession, Settle},
};
