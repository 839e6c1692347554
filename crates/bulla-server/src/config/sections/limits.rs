//! `[limits]` and `[plans.NAME]`

use std::num::NonZeroU32;

use bulla_core::account;
use bulla_guard::limit::{Counted, InvalidCounted, Per, Plan, Quota};

use crate::config::{
    reader::{Section, count, parsed},
    settings::Limits,
    values::{InvalidValue, parse_address_limit, parse_rate},
};

/// What nobody makes who means no harm, not even from behind an address that many share.
const USUAL: Quota = Quota::known(1_000, Per::Second, 2_000);
const USUAL_CONNECTIONS: u32 = 1_024;

/// The most that make sense for one address.
const MOST: u32 = 1_000_000;

/// Words that a route's `limit` may have besides the names of plans.
const RESERVED: [&str; 2] = ["plan", "off"];

pub(super) fn limits(mut section: Section<'_>) -> Limits {
    let address = section.read("address", parsed(parse_address_limit));
    let connections = section.read("connections", count(1, MOST));
    section.finish();
    Limits {
        address: address.unwrap_or(Some(USUAL)),
        connections: NonZeroU32::new(connections.unwrap_or(USUAL_CONNECTIONS)),
    }
}

pub(super) fn plans(top: &mut Section<'_>) -> Vec<Plan> {
    let sections = top.named_sections("plans");
    let plans = sections
        .into_iter()
        .filter_map(|(name, section)| plan(&name, section));
    plans.collect()
}

/// `None` if something that has no default is missing or wrong.
fn plan(name: &str, mut section: Section<'_>) -> Option<Plan> {
    let problem = match account::Plan::parse(name) {
        Err(invalid) => Some(invalid.to_string()),
        Ok(_) if RESERVED.contains(&name) => {
            Some("a route's `limit` means something else by this name".to_owned())
        }
        Ok(_) => None,
    };
    if let Some(problem) = problem {
        section.problem_at(section.origin(), "", problem, None);
    }
    let origin = section.origin_of("burst");
    let rate = section.require("rate", parsed(parse_rate));
    let burst = section.read("burst", count(1, MOST));
    let counted = section.read("key", parsed(counted)).unwrap_or_default();
    let quota = rate.and_then(|rate| {
        let burst = burst.and_then(NonZeroU32::new).unwrap_or(rate.count);
        Quota::new(rate, burst)
            .map_err(|invalid| section.problem_at(origin, "burst", invalid.to_string(), None))
            .ok()
    });
    section.finish();
    Some(Plan::new(name, quota?, counted))
}

fn counted(text: &str) -> Result<Counted, InvalidValue> {
    text.parse().map_err(|InvalidCounted| {
        let expected =
            "`subject`, `session`, `client`, `address`, or a claim such as `claim:team_id`";
        InvalidValue::new(expected, None)
    })
}
