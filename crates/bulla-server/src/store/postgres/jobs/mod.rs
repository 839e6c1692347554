//! The transactions: what each writing method of the store does.

mod accounts;
mod audit;
mod links;
mod purge;
mod sessions;
mod signing_keys;

pub(super) use self::{
    accounts::{ChangeAccount, DeleteAccount, ReplacePasswordHash},
    audit::Record,
    links::{AddLink, AttemptLink, SpendLink},
    purge::Purge,
    sessions::{RenameSession, Settle},
    signing_keys::CreateFirstSigningKeys,
};
