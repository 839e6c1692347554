//! Reading a row column by column, in the order of the statement.

use std::{net::IpAddr, str::FromStr};

use bulla_core::{ids::AccountId, time::Timestamp};
use serde::de::DeserializeOwned;
use tokio_postgres::{Row, types::FromSql};

use crate::store::postgres::fault::Fault;

/// A cursor over the columns of one row.
pub(super) struct Columns<'row> {
    row: &'row Row,
    next: usize,
}

impl<'row> Columns<'row> {
    pub(super) const fn of(row: &'row Row) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn take<T: FromSql<'row>>(&mut self) -> Result<T, Fault> {
        let value = self.row.try_get(self.next);
        self.next += 1;
        value.map_err(|_| self.unreadable())
    }

    /// Bytes of a fixed number.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let bytes: &[u8] = self.take()?;
        bytes.try_into().map_err(|_| self.unreadable())
    }

    /// Like [`bytes`](Self::bytes), or NULL.
    pub(super) fn optional_bytes<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Fault> {
        let bytes = self.take::<Option<&[u8]>>()?.map(TryInto::try_into);
        bytes.transpose().map_err(|_| self.unreadable())
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, Fault> {
        Ok(Timestamp::from_millis(self.take()?))
    }

    pub(super) fn optional_time(&mut self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    /// A number that is never negative.
    pub(super) fn count(&mut self) -> Result<u64, Fault> {
        self.optional_count()?.ok_or_else(|| self.unreadable())
    }

    /// Like [`count`](Self::count), or NULL.
    pub(super) fn optional_count(&mut self) -> Result<Option<u64>, Fault> {
        let count = self.take::<Option<i64>>()?.map(TryInto::try_into);
        count.transpose().map_err(|_| self.unreadable())
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
        let value = self.take::<Option<&str>>()?.map(parse);
        value.transpose().map_err(|_| self.unreadable())
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
        let last = self.next.checked_sub(1);
        let column = last.and_then(|last| self.row.columns().get(last));
        Fault::Unreadable {
            column: column.map_or("value", |column| column.name()).to_owned(),
        }
    }
}

/// How a count is stored: PostgreSQL's integers are signed.
pub(super) fn stored_count(count: u64) -> Result<i64, Fault> {
    i64::try_from(count).map_err(|_| Fault::TooLarge)
}
