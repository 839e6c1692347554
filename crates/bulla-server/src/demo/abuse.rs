//! `POST /demo/abuse`: what would become of an address from which all this came.

use std::net::IpAddr;

use axum::Json;
use bulla_guard::{
    abuse::{AbuseLedger, Ban, Cause, Offence, Rung, Score, Spared, Standing},
    client::AddressPrefix,
};
use serde::{Deserialize, Serialize};

use crate::edge::{json_body::JsonBody, refused::Refused};

const MAX_EVENTS: usize = 64;
/// Of all events together.
const MAX_OFFENCES: u32 = 5000;
/// Two days: the longest ban is one.
const MAX_WAIT: u64 = 2 * 24 * 60 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    /// A pretended one; nothing happens to it.
    address: String,
    events: Vec<Event>,
}

/// Either offences, or seconds in which nothing comes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    offence: Option<String>,
    times: Option<u32>,
    wait: Option<u64>,
}

enum Happening {
    Offences(Offence, u32),
    Quiet { seconds: u64 },
}

#[derive(Serialize)]
pub(super) struct Course {
    /// The narrowest that is judged.
    prefix: String,
    challenged_from: u32,
    banned_from: u32,
    /// How the address stands after each event.
    course: Vec<Stand>,
}

#[derive(Serialize)]
struct Stand {
    /// Since the first event.
    second: u64,
    score: u32,
    rung: Option<&'static str>,
    /// Seconds until the ban ends, if it is one.
    ends_in: Option<u64>,
    /// What a request without a token gets.
    answer: Answer,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    AsUsual,
    ChallengeRequired,
    AddressBanned,
    ConnectionDropped,
}

/// Tells it to a ledger with the gateway's own rules, that nobody else asks and nothing is kept of.
pub(super) async fn judge(JsonBody(story): JsonBody<Story>) -> Result<Json<Course>, Refused> {
    let address: IpAddr = story
        .address
        .parse()
        .map_err(|_| Refused::field("address", "is an IP address"))?;
    let happenings = happenings(&story.events)?;
    let ledger = AbuseLedger::new(Spared {
        exempt: Vec::new(),
        ..Spared::default()
    });
    let mut second = 0;
    let tell = |happening| {
        match happening {
            Happening::Offences(offence, times) => {
                for _ in 0..times {
                    let _ = ledger.offence(address, offence, at(second));
                }
            }
            Happening::Quiet { seconds } => {
                second += seconds;
                let _ = ledger.tick(at(second));
            }
        }
        stand(&ledger, address, second)
    };
    Ok(Json(Course {
        prefix: AddressPrefix::narrowest(address).to_string(),
        challenged_from: Score::CHALLENGED.0,
        banned_from: Score::LIMIT.0,
        course: happenings.into_iter().map(tell).collect(),
    }))
}

/// As the ledger counts time. It begins late enough for every ban to have begun after 1970.
const fn at(second: u64) -> u64 {
    (1_000_000_000 + second) * 1000
}

fn happenings(events: &[Event]) -> Result<Vec<Happening>, Refused> {
    let invalid = |reason: String| Refused::field("events", reason);
    if events.len() > MAX_EVENTS {
        return Err(invalid(format!("are at most {MAX_EVENTS}")));
    }
    let mut left = MAX_OFFENCES;
    let mut read = |event: &Event| match (&event.offence, event.times, event.wait) {
        (Some(name), times, None) => {
            let offence = Offence::parse(name).ok_or_else(|| {
                let names = Offence::ALL.map(Offence::as_str).join(", ");
                invalid(format!("`offence` is one of {names}"))
            })?;
            let times = times.unwrap_or(1);
            left = left
                .checked_sub(times)
                .ok_or_else(|| invalid(format!("are at most {MAX_OFFENCES} offences")))?;
            Ok(Happening::Offences(offence, times))
        }
        (None, None, Some(seconds)) if seconds <= MAX_WAIT => Ok(Happening::Quiet { seconds }),
        _ => Err(invalid(format!(
            "each is `offence`, maybe with `times`, or `wait` of up to {MAX_WAIT} seconds"
        ))),
    };
    events.iter().map(&mut read).collect()
}

fn stand(ledger: &AbuseLedger, address: IpAddr, second: u64) -> Stand {
    let now = at(second);
    let (rung, ends_in, answer) = match ledger.standing(address, now) {
        Standing::Good => (None, None, Answer::AsUsual),
        Standing::Challenged => (Some(Rung::Challenge), None, Answer::ChallengeRequired),
        Standing::Banned(ban) => {
            let answer = match ban.is_dropped() {
                true => Answer::ConnectionDropped,
                false => Answer::AddressBanned,
            };
            let ends_in = ban.until.map(|until| until.saturating_sub(now) / 1000);
            (rung(&ban), ends_in, answer)
        }
    };
    Stand {
        second,
        score: ledger.score(address, now).0,
        rung: rung.map(Rung::as_str),
        ends_in,
        answer,
    }
}

const fn rung(ban: &Ban) -> Option<Rung> {
    match ban.cause {
        Cause::Automatic { rung, .. } => Some(rung),
        Cause::Manual { .. } => None,
    }
}
