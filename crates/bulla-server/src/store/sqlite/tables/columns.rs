//! Reading a row column by column, in the order of the statement.

use std::{net::IpAddr, str::FromStr};

use bulla_core::{ids::AccountId, time::Timestamp};
use rusqlite::{
    Row,
    types::{FromSql, ValueRef},
};

use serde::de::DeserializeOwned;

use crate::store::sqlite::fault::Fault;

/// A cursor over the columns of one row.
pub(super) struct Columns<'row> {
    row: &'row Row<'row>,
    next: usize,
}

impl<'row> Columns<'row> {
    pub(super) const fn of(row: &'row Row<'row>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn take<T: FromSql>(&mut self) -> Result<T, Fault> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, Fault> {
        Ok(Timestamp::from_millis(self.take()?))
    }

    pub(super) fn optional_time(&mut self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    /// A number that is never negative.
    pub(super) fn count(&mut self) -> Result<u64, Fault> {
        self.take::<i64>()?
            .try_into()
            .map_err(|_| self.unreadable())
    }

    /// A text that is the stored form of a value.
    pub(super) fn parsed<T, E>(
        &mut self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Fault> {
        self.optional(parse)?.ok_or_else(|| self.unreadable())
    }

    /// Like [`parsed`](Self::parsed), or NULL.
    pub(super) fn optional<T, E>(
        &mut self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Fault> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        if value == ValueRef::Null {
            return Ok(None);
        }
        let text = value.as_str().map_err(|_| self.unreadable())?;
        parse(text).map(Some).map_err(|_| self.unreadable())
    }

    /// A text that is JSON.
    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        self.parsed(|text| serde_json::from_str(text))
    }

    pub(super) fn account_id(&mut self) -> Result<AccountId, Fault> {
        self.parsed(|text| AccountId::new(text))
    }

    pub(super) fn address(&mut self) -> Result<Option<IpAddr>, Fault> {
        self.optional(IpAddr::from_str)
    }

    /// The fault of the column that was taken last.
    pub(super) fn unreadable(&self) -> Fault {
        let name = self
            .next
            .checked_sub(1)
            .and_then(|last| self.row.as_ref().column_name(last).ok());
        Fault::Unreadable {
            column: name.unwrap_or("value").to_owned(),
        }
    }
}

/// How a count is stored: SQLite's integers are signed.
pub(super) fn stored_count(count: u64) -> Result<i64, Fault> {
    i64::try_from(count).map_err(|_| Fault::TooLarge)
}
