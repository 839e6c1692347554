//! Who misuses the API, and what that costs them.
//!
//! An [`Offence`] is what only somebody does who is up to no good, or is badly broken. The [`AbuseLedger`] counts them for
//! the address they come from, and forgets about one a second. Who has too many is [challenged](Rung::Challenge) first, then
//! refused for a minute, and for longer each time: the [`Rung`]s of a ladder. Somebody who behaves comes down again.

mod ban;
mod ladder;
mod ledger;
mod lists;
mod offence;
mod score;
mod spared;
mod step;

pub use self::{
    ban::{Ban, Cause},
    ladder::Rung,
    ledger::{AbuseLedger, BanRefused, Lifted, Standing},
    lists::Census,
    offence::Offence,
    score::Score,
    spared::Spared,
    step::Step,
};
