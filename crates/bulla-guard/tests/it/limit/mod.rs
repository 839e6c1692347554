//! Leaky buckets: one against an exact model, many under load.

mod bucket;
mod clock;
mod table;

use std::num::NonZeroU32;

use bulla_guard::limit::{Moment, Quota};

fn quota(rate: &str, burst: u32) -> Quota {
    Quota::new(rate.parse().unwrap(), NonZeroU32::new(burst).unwrap()).unwrap()
}

fn at(milliseconds: u64) -> Moment {
    Moment::from_milliseconds(milliseconds)
}
