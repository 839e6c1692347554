//! `bulla doctor`: what is wrong, or could go wrong, before anybody notices.
//!
//! A [`Check`] looks at one [`Area`], changes nothing, and is given up after a while. What it finds has a stable
//! [`Code`], which says how bad that is and what to do: `docs/doctor.md` lists them all. Each area is a file that first
//! looks and then judges, so that the judgement can be tested without the machine.

mod area;
mod check;
mod clock;
mod code;
mod configuration;
mod disk;
mod files;
mod keys;
mod listeners;
mod mail;
mod process;
mod report;
mod store;
#[cfg(test)]
mod testing;

use async_trait::async_trait;
use bulla_core::account::Email;

pub use self::{
    area::Area,
    check::{Check, Seen, examine},
    clock::{ClockSeen, beside, clock},
    code::{Code, Severity},
    configuration::{configuration, unusable_configuration},
    disk::disk,
    files::{FilesToKeep, files},
    keys::{KeysToJudge, keys, keys_at_rest},
    listeners::listeners,
    mail::mail,
    process::process,
    report::{AreaReport, Finding, Report},
    store::{running_store, store_at_rest},
};

/// Looks at a server that runs.
#[async_trait]
pub trait Doctor: Send + Sync + 'static {
    /// Looks at everything. If an address is given, a letter is sent there.
    async fn examine(&self, letter_to: Option<Email>) -> Report;
}
