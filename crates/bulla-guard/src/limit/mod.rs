//! How much is too much: leaky buckets.
//!
//! A [`Bucket`] leaks at a constant rate and holds so much. A limit [takes](BucketTable::take) what still fits and refuses
//! the rest, which is the generic cell rate algorithm (GCRA); a score [pours](BucketTable::pour) and looks how full the
//! bucket is. Both decay by themselves, and both are one number, so a [`BucketTable`] needs 16 bytes a key. A [`Plan`] is a
//! limit under a name, for many who each have a bucket of their own.

mod address;
mod bucket;
mod counted;
mod fields;
mod plan;
mod quota;
mod rate;
mod shard;
mod table;

pub use self::{
    address::{AddressCharge, AddressQuota},
    bucket::{Bucket, Level, Moment},
    counted::{Counted, Holder, InvalidCounted},
    fields::{QuotaPolicy, RATE_LIMIT, RATE_LIMIT_POLICY, retry_after},
    plan::{ANONYMOUS, ANONYMOUS_MINIMAL, FREE, Plan, Plans},
    quota::{InvalidQuota, Quota},
    rate::{InvalidRate, Per, Rate},
    table::{BucketKey, BucketTable, Charge},
};
