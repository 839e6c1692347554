//! The time.

use std::time::Duration;

use bulla_core::time::Timestamp;

use super::{Code, Finding, check::Seen};

/// Clocks that NTP keeps are closer.
const TOLERATED: Duration = Duration::from_secs(5);

/// What is known of the time.
#[derive(Debug, Clone, Copy)]
pub struct ClockSeen {
    /// What the store's clock says, by which sessions and tokens go.
    pub now: Timestamp,
    /// What this machine's clock says, if that is another one.
    pub machine: Option<Timestamp>,
    /// When something was recorded last in the store.
    pub last_recorded: Option<Timestamp>,
    /// What the clock should say, by that at the start of the server and the time since.
    pub expected: Option<Timestamp>,
}

/// The clock of the store, and of this machine beside it.
#[must_use]
pub fn clock(seen: ClockSeen) -> Seen {
    let mut findings = Vec::new();
    let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
    let ClockSeen {
        now,
        machine,
        last_recorded,
        expected,
    } = seen;
    if let Some(last) = last_recorded
        && last.since(now) > TOLERATED
    {
        let behind = last.since(now);
        find(
            Code::ClockBehind,
            format!("something was recorded {behind:.0?} later than now"),
        );
    }
    if let Some(expected) = expected {
        let (ahead, back) = (now.since(expected), expected.since(now));
        let (span, direction) = match ahead.is_zero() {
            true => (back, "back"),
            false => (ahead, "forward"),
        };
        if span > TOLERATED {
            let detail = format!("it was set {direction} by {span:.0?} since the server started");
            find(Code::ClockJumped, detail);
        }
    }
    findings.extend(machine.and_then(|machine| beside(machine, now, "the database")));
    (crate::edge::time::rfc3339(now), findings)
}

/// What another clock makes of it: the finding if both differ, told by whose it is.
#[must_use]
pub fn beside(now: Timestamp, other: Timestamp, whose: &str) -> Option<Finding> {
    let (ahead, behind) = (now.since(other), other.since(now));
    let detail = match (ahead > TOLERATED, behind > TOLERATED) {
        (true, _) => format!("this clock is {ahead:.0?} ahead of that of {whose}"),
        (_, true) => format!("this clock is {behind:.0?} behind that of {whose}"),
        _ => return None,
    };
    Some(Finding::new(Code::ClockSkewed, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::testing::found;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const TOO_MUCH: Duration = Duration::from_millis(5001);

    #[track_caller]
    fn check(last: Option<Timestamp>, expected: Option<Timestamp>, codes: &[Code]) {
        let (_, findings) = clock(ClockSeen {
            now: NOW,
            machine: None,
            last_recorded: last,
            expected,
        });
        found(&findings, codes);
    }

    #[test]
    fn nothing_was_recorded_later_than_now() {
        check(None, None, &[]);
        check(Some(NOW.after(TOLERATED)), None, &[]);
        check(Some(NOW.before(TOO_MUCH)), None, &[]);
        check(Some(NOW.after(TOO_MUCH)), None, &[Code::ClockBehind]);
    }

    #[test]
    fn a_clock_goes_on_by_itself() {
        check(None, Some(NOW.after(TOLERATED)), &[]);
        check(None, Some(NOW.before(TOLERATED)), &[]);
        check(None, Some(NOW.after(TOO_MUCH)), &[Code::ClockJumped]);
        check(None, Some(NOW.before(TOO_MUCH)), &[Code::ClockJumped]);
    }

    #[test]
    fn on_a_database_the_machine_is_told_how_far_off_it_is_and_judged_by_nothing_else() {
        let codes = |machine| {
            let (_, findings) = clock(ClockSeen {
                now: NOW,
                machine: Some(machine),
                last_recorded: Some(NOW),
                expected: Some(NOW),
            });
            let codes = findings.iter().map(|finding| finding.code);
            codes.collect::<Vec<_>>()
        };
        assert_eq!(codes(NOW.before(TOLERATED)), []);
        assert_eq!(codes(NOW.before(TOO_MUCH)), [Code::ClockSkewed]);
        assert_eq!(codes(NOW.after(TOO_MUCH)), [Code::ClockSkewed]);
    }

    #[test]
    fn two_clocks_agree() {
        let codes = |other| beside(NOW, other, "x").map(|finding| finding.code);
        assert_eq!(codes(NOW.after(TOLERATED)), None);
        assert_eq!(codes(NOW.before(TOLERATED)), None);
        assert_eq!(codes(NOW.after(TOO_MUCH)), Some(Code::ClockSkewed));
        assert_eq!(codes(NOW.before(TOO_MUCH)), Some(Code::ClockSkewed));
    }
}
