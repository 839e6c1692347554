//! Table `accounts`, for many of them in one statement.

use std::collections::HashSet;

use bulla_core::account::{Account, DisplayName, Email, PasswordHash, Username};

use super::{
    Columns,
    accounts::{Taken, stored_claims, stored_roles},
    stored_count,
};
use crate::store::postgres::{connection::Connection, fault::Fault};

const INSERT: &str = "INSERT INTO accounts (id, email, email_folded, email_likeness, username, username_folded, \
         username_likeness, name, password, roles, plan, claims, epoch, disabled_at, created_at) \
     SELECT id, email, email_folded, email_likeness, username, username_folded, \
         username_likeness, name, password, roles, plan, claims, epoch, disabled_at, created_at \
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], \
         $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], \
         $15::bigint[]) WITH ORDINALITY AS new (id, email, email_folded, email_likeness, username, \
         username_folded, username_likeness, name, password, roles, plan, claims, epoch, disabled_at, \
         created_at, place) \
     ORDER BY place ON CONFLICT DO NOTHING RETURNING id";

/// Adds those of the accounts of which nothing is taken, in their order; gives their identities, of which no two are the
/// same. Waits for whoever is about to take something.
pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    accounts: &[&Account],
) -> Result<HashSet<String>, Fault> {
    if accounts.is_empty() {
        return Ok(HashSet::new());
    }
    let names = Names::of(accounts);
    let each = accounts.iter();
    let name: Vec<_> = each
        .clone()
        .map(|account| account.name.as_ref().map(DisplayName::as_str))
        .collect();
    let hashes: Vec<_> = each
        .clone()
        .map(|account| account.password.text())
        .collect();
    let password: Vec<&str> = hashes.iter().map(|hash| hash.as_str()).collect();
    let roles: Vec<_> = each
        .clone()
        .map(|account| stored_roles(&account.roles))
        .collect();
    let plan: Vec<_> = each.clone().map(|account| account.plan.as_str()).collect();
    let claims: Vec<_> = each.clone().map(|account| stored_claims(account)).collect();
    let epoch: Vec<i64> = each
        .clone()
        .map(|account| stored_count(account.epoch))
        .collect::<Result<_, _>>()?;
    let disabled_at: Vec<_> = each
        .clone()
        .map(|account| account.disabled_at.map(|at| at.as_millis()))
        .collect();
    let created_at: Vec<_> = each.map(|account| account.created_at.as_millis()).collect();
    let rows = connection
        .rows(
            INSERT,
            &[
                &names.id,
                &names.email,
                &names.email_folded,
                &names.email_likeness,
                &names.username,
                &names.username_folded,
                &names.username_likeness,
                &name,
                &password,
                &roles,
                &plan,
                &claims,
                &epoch,
                &disabled_at,
                &created_at,
            ],
        )
        .await?;
    rows.iter().map(|row| Columns::of(row).take()).collect()
}

/// Why an account is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::postgres) enum InTheWay {
    /// It is there already, under one of its names.
    Itself,
    /// Another one has this of it.
    Other(Taken),
}

/// What is in the way of each of them, if anything is by now.
pub(in crate::store::postgres) async fn in_the_way(
    connection: &Connection,
    accounts: &[&Account],
) -> Result<Vec<Option<InTheWay>>, Fault> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let names = Names::of(accounts);
    let rows = connection
        .rows(
            "SELECT EXISTS (SELECT FROM accounts WHERE accounts.id = new.id AND ( \
                     accounts.email_folded = new.email_folded OR accounts.username_folded = new.username_folded)), \
                 EXISTS (SELECT FROM accounts WHERE accounts.id = new.id), \
                 EXISTS (SELECT FROM accounts WHERE accounts.email_folded = new.email_folded) \
                     OR EXISTS (SELECT FROM accounts WHERE accounts.email_likeness = new.email_likeness), \
                 EXISTS (SELECT FROM accounts WHERE accounts.username_folded = new.username_folded) \
                     OR EXISTS (SELECT FROM accounts WHERE accounts.username_likeness = new.username_likeness) \
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY \
                 AS new (id, email_folded, email_likeness, username_folded, username_likeness, place) \
             ORDER BY place",
            &[
                &names.id,
                &names.email_folded,
                &names.email_likeness,
                &names.username_folded,
                &names.username_likeness,
            ],
        )
        .await?;
    let read = |row| {
        let mut columns = Columns::of(row);
        let mut found = None;
        for reason in REASONS {
            let is_so: bool = columns.take()?;
            found = found.or(is_so.then_some(reason));
        }
        Ok(found)
    };
    rows.iter().map(read).collect()
}

/// In the order in which they are asked.
const REASONS: [InTheWay; 4] = [
    InTheWay::Itself,
    InTheWay::Other(Taken::Identity),
    InTheWay::Other(Taken::Email),
    InTheWay::Other(Taken::Username),
];

/// Gives those of the accounts that are there without a password theirs; the identities of who got one.
pub(in crate::store::postgres) async fn complete(
    connection: &Connection,
    accounts: &[&Account],
) -> Result<HashSet<String>, Fault> {
    let with = accounts
        .iter()
        .filter(|account| account.password != PasswordHash::NONE);
    let (id, hashes): (Vec<&str>, Vec<_>) = with
        .map(|account| (account.id.as_str(), account.password.text()))
        .unzip();
    if id.is_empty() {
        return Ok(HashSet::new());
    }
    let password: Vec<&str> = hashes.iter().map(|hash| hash.as_str()).collect();
    let rows = connection
        .rows(
            "UPDATE accounts SET password = new.password \
             FROM unnest($1::text[], $2::text[]) AS new (id, password) \
             WHERE accounts.id = new.id AND accounts.password = $3 RETURNING accounts.id",
            &[&id, &password, &PasswordHash::NONE.text().as_str()],
        )
        .await?;
    rows.iter().map(|row| Columns::of(row).take()).collect()
}

/// The columns of what no two accounts may have.
struct Names<'a> {
    id: Vec<&'a str>,
    email: Vec<Option<&'a str>>,
    email_folded: Vec<Option<&'a str>>,
    email_likeness: Vec<Option<String>>,
    username: Vec<Option<&'a str>>,
    username_folded: Vec<Option<&'a str>>,
    username_likeness: Vec<Option<String>>,
}

impl<'a> Names<'a> {
    fn of(accounts: &[&'a Account]) -> Self {
        let emails = || accounts.iter().map(|account| account.email.as_ref());
        let usernames = || accounts.iter().map(|account| account.username.as_ref());
        Self {
            id: accounts.iter().map(|account| account.id.as_str()).collect(),
            email: emails().map(|email| email.map(Email::as_str)).collect(),
            email_folded: emails().map(|email| email.map(Email::folded)).collect(),
            email_likeness: emails().map(|email| email.map(Email::likeness)).collect(),
            username: usernames().map(|name| name.map(Username::as_str)).collect(),
            username_folded: usernames().map(|name| name.map(Username::folded)).collect(),
            username_likeness: usernames()
                .map(|name| name.map(Username::likeness))
                .collect(),
        }
    }
}
