use std::{net::IpAddr, time::Duration};

use bulla_guard::{
    abuse::{AbuseLedger, BanRefused, Cause, Offence, Rung, Spared, Standing},
    client::Cidr,
};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const START: u64 = 1_900_000_000 * SECOND;

/// A ledger and a clock.
struct Scene {
    ledger: AbuseLedger,
    now: u64,
}

impl Scene {
    fn new() -> Self {
        Self::sparing(Spared::default())
    }

    fn sparing(spared: Spared) -> Self {
        Self {
            ledger: AbuseLedger::new(spared),
            now: START,
        }
    }

    /// So many forged tokens from there at once; the rungs that this led to.
    fn forge(&self, count: u32, from: &str) -> Vec<Rung> {
        self.offend(Offence::ForgedToken, count, from)
    }

    fn offend(&self, offence: Offence, count: u32, from: &str) -> Vec<Rung> {
        let steps = (0..count).flat_map(|_| self.ledger.offence(address(from), offence, self.now));
        steps.filter_map(|step| step.to).collect()
    }

    fn standing(&self, of: &str) -> Standing {
        self.ledger.standing(address(of), self.now)
    }

    fn is_good(&self, of: &str) -> bool {
        self.standing(of) == Standing::Good
    }

    /// The rung of the ban that it is under.
    fn rung(&self, of: &str) -> Option<Rung> {
        match self.standing(of) {
            Standing::Banned(ban) => match ban.cause {
                Cause::Automatic { rung, .. } => Some(rung),
                Cause::Manual { .. } => None,
            },
            Standing::Good | Standing::Challenged => None,
        }
    }

    /// Time goes by; where prefixes come down to by that.
    fn pass(&mut self, milliseconds: u64) -> Vec<Option<Rung>> {
        self.now += milliseconds;
        let steps = self.ledger.tick(self.now);
        steps.iter().map(|step| step.to).collect()
    }
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn range(text: &str) -> Cidr {
    text.parse().unwrap()
}

#[test]
fn five_hundred_within_a_minute_reach_the_first_ban() {
    for offence in [Offence::ForgedToken, Offence::MalformedRequest] {
        let mut scene = Scene::new();
        let mut rungs = Vec::new();
        for _ in 0..500 {
            rungs.extend(scene.offend(offence, 1, "192.0.2.1"));
            scene.now += MINUTE / 500;
        }
        assert_eq!(rungs, [Rung::Challenge, Rung::Minute]);
        assert!(scene.is_good("192.0.2.2"));
    }
}

#[test]
fn one_in_a_second_never_does_harm() {
    let mut scene = Scene::new();
    for _ in 0..10_000 {
        assert_eq!(scene.forge(1, "192.0.2.1"), []);
        scene.now += SECOND;
    }
    assert!(scene.ledger.is_quiet());
}

#[test]
fn a_failed_login_counts_more_than_a_forged_token() {
    let scene = Scene::new();
    assert_eq!(
        scene.offend(Offence::FailedLogin, 20, "192.0.2.1"),
        [Rung::Challenge]
    );
    assert_eq!(scene.forge(20, "192.0.2.2"), []);
}

#[test]
fn the_more_counts_against_an_address_the_more_a_handshake_asks_of_it() {
    let scene = Scene::new();
    for (forged, wariness) in [
        (0, 0),
        (29, 0),
        (1, 1),
        (29, 1),
        (1, 2),
        (139, 2),
        (1, 3),
        (199, 3),
    ] {
        scene.forge(forged, "192.0.2.1");
        let score = scene.ledger.score(address("192.0.2.1"), scene.now);
        assert_eq!(score.wariness().0, wariness, "{score:?}");
    }
    assert_eq!(scene.ledger.score(address("192.0.2.2"), scene.now).0, 0);
}

#[test]
fn a_challenge_ends_by_itself() {
    let mut scene = Scene::new();
    assert_eq!(scene.forge(60, "192.0.2.1"), [Rung::Challenge]);
    assert_eq!(scene.standing("192.0.2.1"), Standing::Challenged);
    assert_eq!(scene.standing("::ffff:192.0.2.1"), Standing::Challenged);
    scene.now += 20 * SECOND;
    assert_eq!(scene.standing("192.0.2.1"), Standing::Challenged);
    scene.now += 12 * SECOND;
    assert!(scene.is_good("192.0.2.1"));
    assert_eq!(scene.pass(0), [None]);
    assert!(scene.ledger.is_quiet());
}

#[test]
fn a_ban_ends_when_it_was_said_to_and_the_challenge_stays_for_a_while() {
    let mut scene = Scene::new();
    scene.forge(400, "192.0.2.1");
    assert_eq!(
        scene.forge(10_000, "192.0.2.1"),
        [],
        "nothing counts while it is banned"
    );
    scene.now += MINUTE - 1;
    assert_eq!(scene.rung("192.0.2.1"), Some(Rung::Minute));
    assert_eq!(scene.pass(1), [Some(Rung::Challenge)]);
    assert_eq!(scene.standing("192.0.2.1"), Standing::Challenged);
    assert_eq!(scene.pass(6 * MINUTE), [None]);
    assert!(scene.is_good("192.0.2.1"));
}

#[test]
fn who_goes_on_climbs_to_a_day() {
    let mut scene = Scene::new();
    let mut climbed = Vec::new();
    for _ in 0..6 {
        scene.forge(500, "192.0.2.1");
        let rung = scene.rung("192.0.2.1").unwrap();
        climbed.push(rung.as_str());
        scene.pass(rung.ban().unwrap().as_millis() as u64);
    }
    assert_eq!(climbed, ["1m", "5m", "30m", "4h", "24h", "24h"]);
}

#[test]
fn who_was_quiet_for_long_begins_at_the_bottom() {
    let mut scene = Scene::new();
    for _ in 0..2 {
        scene.forge(500, "192.0.2.1");
        scene.pass(5 * MINUTE);
    }
    scene.pass(59 * MINUTE);
    scene.forge(500, "192.0.2.1");
    assert_eq!(scene.rung("192.0.2.1"), Some(Rung::HalfHour));
    scene.pass(4 * HOUR);
    assert!(scene.ledger.is_quiet(), "nothing is remembered any more");
    scene.forge(500, "192.0.2.1");
    assert_eq!(scene.rung("192.0.2.1"), Some(Rung::Minute));
}

#[test]
fn walking_through_a_network_of_ipv6_ends() {
    let scene = Scene::new();
    let mut walked = 0;
    for network in 0..=u16::MAX {
        // A few from each of 65,536 networks, none of which is noticed by itself.
        let from = format!("2001:db8:7:{network:x}::1");
        if !matches!(scene.standing(&from), Standing::Banned(_)) {
            scene.forge(10, &from);
            walked += 10;
        }
    }
    assert_eq!(walked, 6_400, "sixteen times as many as from one");
    assert_eq!(scene.rung("2001:db8:7:ffff::1"), Some(Rung::Minute));
    assert!(scene.is_good("2001:db8:8::1"));
}

#[test]
fn a_neighbour_in_a_wider_network_is_challenged_at_most() {
    let scene = Scene::new();
    scene.forge(500, "2001:db8:7:1::1");
    assert_eq!(scene.rung("2001:db8:7:1:ffff::2"), Some(Rung::Minute));
    assert_eq!(scene.standing("2001:db8:7:2::1"), Standing::Challenged);
    assert!(scene.is_good("2001:db8:7:ff00::1"));
}

#[test]
fn a_clock_that_steps_back_frees_nobody_and_holds_nobody_for_long() {
    let mut scene = Scene::new();
    scene.forge(500, "192.0.2.1");
    scene.now -= 30 * SECOND;
    assert_eq!(scene.rung("192.0.2.1"), Some(Rung::Minute));
    scene.now -= 24 * HOUR;
    assert_eq!(scene.rung("192.0.2.1"), None);
    scene.pass(0);
    scene.pass(7 * MINUTE);
    assert!(
        scene.is_good("192.0.2.1"),
        "what was counted has leaked by the new time"
    );
}

#[test]
fn nobody_is_judged_who_is_exempt_or_a_listed_proxy() {
    let scene = Scene::sparing(Spared {
        proxies: vec![range("10.0.0.0/8")],
        ..Spared::default()
    });
    for spared in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3"] {
        assert_eq!(scene.forge(1_000, spared), [], "{spared}");
        let refused = scene.ledger.ban(range(spared), None, None, scene.now);
        assert!(matches!(refused, Err(BanRefused::Spared(_))), "{spared}");
    }
    let all = range("0.0.0.0/0");
    scene.ledger.ban(all, None, None, scene.now).unwrap();
    assert!(scene.is_good("127.0.0.1") && scene.is_good("10.1.2.3"));
    assert!(!scene.is_good("127.0.0.2"), "the control");
    assert_eq!(
        scene.forge(60, "2001:db8::1"),
        [Rung::Challenge],
        "the control"
    );
}

#[test]
fn without_scoring_only_administrators_ban() {
    let scene = Scene::sparing(Spared {
        scoring: false,
        ..Spared::default()
    });
    assert_eq!(scene.forge(1_000, "192.0.2.1"), []);
    scene
        .ledger
        .ban(range("192.0.2.1"), None, None, scene.now)
        .unwrap();
    assert!(!scene.is_good("192.0.2.1"));
}

#[test]
fn who_becomes_exempt_is_free_at_once() {
    let scene = Scene::new();
    scene.forge(500, "192.0.2.1");
    assert!(!scene.is_good("192.0.2.1"));
    scene.ledger.spare(Spared {
        exempt: vec![range("192.0.2.1")],
        ..Spared::default()
    });
    assert!(scene.is_good("192.0.2.1"));
}

#[test]
fn an_administrators_ban_holds_for_its_time_and_hits_all_of_its_prefix() {
    let mut scene = Scene::new();
    let hour = Some(Duration::from_secs(60 * 60));
    let ban = scene
        .ledger
        .ban(range("198.51.100.0/24"), hour, None, scene.now);
    assert!(!ban.unwrap().spares_sessions());
    scene
        .ledger
        .ban(range("2001:db8::/32"), None, None, scene.now)
        .unwrap();
    assert!(!scene.is_good("198.51.100.7") && !scene.is_good("2001:db8:ffff::1"));
    assert!(scene.is_good("198.51.101.7") && scene.is_good("2001:db9::1"));
    scene.pass(HOUR);
    assert!(scene.is_good("198.51.100.7") && !scene.is_good("2001:db8:ffff::1"));
    assert_eq!(scene.ledger.bans().len(), 1);
}

#[test]
fn the_strictest_of_several_bans_counts() {
    let scene = Scene::new();
    scene.forge(500, "192.0.2.1");
    scene.forge(500, "192.0.2.2");
    let shorter = Some(Duration::from_secs(30));
    let prefix = range("192.0.2.1");
    scene.ledger.ban(prefix, shorter, None, scene.now).unwrap();
    let spares = |of| match scene.standing(of) {
        Standing::Banned(ban) => ban.spares_sessions(),
        Standing::Good | Standing::Challenged => panic!("it is not banned"),
    };
    assert!(!spares("192.0.2.1"), "an administrator's spares nobody");
    assert!(spares("192.0.2.2"), "the control");
    let network = range("192.0.2.0/24");
    scene.ledger.ban(network, None, None, scene.now).unwrap();
    let Standing::Banned(ban) = scene.standing("192.0.2.1") else {
        panic!("it is not banned");
    };
    assert_eq!((ban.prefix, ban.is_dropped()), (network, true));
}

#[test]
fn a_clock_that_steps_back_ends_no_ban_of_an_administrator() {
    let mut scene = Scene::new();
    let hour = Some(Duration::from_secs(60 * 60));
    let prefix = range("192.0.2.1");
    scene.ledger.ban(prefix, hour, None, scene.now).unwrap();
    scene.now -= 24 * HOUR;
    scene.pass(0);
    assert_eq!(scene.ledger.bans().len(), 1);
    scene.pass(24 * HOUR);
    assert!(!scene.is_good("192.0.2.1"));
    scene.pass(HOUR);
    assert_eq!(scene.ledger.bans(), [], "the control");
}

#[test]
fn a_removed_ban_takes_what_was_counted_with_it() {
    let scene = Scene::new();
    scene.forge(500, "192.0.2.1");
    scene.forge(100, "192.0.2.2");
    assert_eq!(scene.ledger.lift(range("192.0.2.1")).bans.len(), 1);
    assert!(scene.is_good("192.0.2.1"));
    assert_eq!(scene.forge(59, "192.0.2.1"), []);
    assert_eq!(scene.ledger.lift(range("192.0.2.0/24")).challenged.len(), 1);
    assert!(scene.is_good("192.0.2.2"));
    assert!(scene.ledger.lift(range("192.0.2.3")).bans.is_empty());
}

#[test]
fn removing_an_address_frees_the_networks_that_it_is_in() {
    let scene = Scene::new();
    scene.forge(500, "2001:db8:7:1::1");
    scene.forge(500, "2001:db8:7:2::1");
    assert_eq!(scene.ledger.lift(range("2001:db8:7:1::99")).bans.len(), 1);
    assert!(scene.is_good("2001:db8:7:1::1"));
    assert!(!scene.is_good("2001:db8:7:2::1"));
    let wide = range("2001:db8::/32");
    scene.ledger.ban(wide, None, None, scene.now).unwrap();
    assert!(scene.ledger.lift(range("2001:db8:7:1::99")).bans.is_empty());
    assert!(
        !scene.is_good("2001:db8:7:1::99"),
        "an administrator's is not freed by the way"
    );
}

#[test]
fn what_one_process_knew_of_bans_another_one_knows() {
    let mut scene = Scene::new();
    scene.forge(500, "192.0.2.1");
    scene
        .ledger
        .ban(
            range("198.51.100.0/24"),
            None,
            Some("spam".into()),
            scene.now,
        )
        .unwrap();
    scene.forge(500, "192.0.2.2");
    scene.pass(2 * MINUTE);
    let bans = scene.ledger.bans();
    assert_eq!(bans.len(), 3, "the two that are over are remembered");
    let later = Scene {
        now: scene.now,
        ..Scene::new()
    };
    later.ledger.restore(bans, later.now);
    assert!(later.is_good("192.0.2.1"));
    assert!(!later.is_good("198.51.100.7"));
    later.forge(500, "192.0.2.1");
    assert_eq!(later.rung("192.0.2.1"), Some(Rung::FiveMinutes));
}

#[test]
fn the_lists_are_bounded_and_administrators_bans_stay() {
    let scene = Scene::new();
    let manual = range("203.0.113.0/24");
    scene.ledger.ban(manual, None, None, scene.now).unwrap();
    let ban = |number: u32| bulla_guard::abuse::Ban {
        prefix: Cidr::from(IpAddr::from(number.to_be_bytes())),
        since: scene.now,
        until: Some(scene.now + u64::from(number)),
        cause: Cause::Automatic {
            rung: Rung::Minute,
            offence: Offence::ForgedToken,
        },
    };
    scene.ledger.restore((1..16_485).map(ban), scene.now);
    let bans = scene.ledger.bans();
    assert_eq!(bans.len(), (1 << 14) + 1);
    assert!(bans.contains(&ban(16_484)) && !bans.contains(&ban(1)));
    assert!(bans.iter().any(|ban| ban.prefix == manual));
}

#[test]
fn any_number_of_addresses_takes_no_more_memory_than_some() {
    let scene = Scene::new();
    for number in 0..300_000_u32 {
        let from = IpAddr::from(number.to_be_bytes());
        let _ = scene.ledger.offence(from, Offence::ForgedToken, scene.now);
    }
    assert!(
        scene.ledger.score_bytes() <= 5 << 20,
        "{}",
        scene.ledger.score_bytes()
    );
}
