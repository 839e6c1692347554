//! Thief and victim with a copy of one refresh token: who comes first, how busy they are, where they use
//! what they get, and whether the issuer restarts in between.

use std::time::Duration;

use bulla_core::{ids::SessionId, session::Sighting, store::SessionStore};

use crate::app::{Answer, SETTLE, SignedIn, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);
const SECOND: Duration = Duration::from_secs(1);

/// Who comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Victim,
    Thief,
}

/// Where access tokens are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a gateway sees them.
    Gateway,
    /// Only where nobody does.
    ThirdParties,
}

use Place::{Gateway, ThirdParties};
use Who::{Thief, Victim};

/// What happens in turn, each so long after the one before; the last one's is found to be a theft.
struct Case {
    place: Place,
    comings: &'static [(Who, Duration)],
}

const CASES: [Case; 12] = [
    // Whoever came first is settled by coming again: the other's token is old then.
    case(ThirdParties, &[(Thief, DAY), (Thief, DAY), (Victim, DAY)]),
    case(ThirdParties, &[(Victim, DAY), (Victim, DAY), (Thief, DAY)]),
    case(
        ThirdParties,
        &[(Thief, SETTLE), (Thief, SETTLE), (Victim, SETTLE)],
    ),
    // A use at a gateway is as good as coming again.
    case(Gateway, &[(Thief, DAY), (Victim, DAY)]),
    case(Gateway, &[(Victim, DAY), (Thief, DAY)]),
    case(Gateway, &[(Victim, SETTLE), (Thief, SETTLE)]),
    // Unseen, the second takes the first one's place, until the first comes again.
    case(ThirdParties, &[(Thief, DAY), (Victim, DAY), (Thief, DAY)]),
    case(ThirdParties, &[(Victim, DAY), (Thief, DAY), (Victim, DAY)]),
    // A busy one only repeats.
    case(
        ThirdParties,
        &[
            (Victim, DAY),
            (Victim, SECOND),
            (Victim, SECOND),
            (Thief, DAY),
            (Thief, SECOND),
            (Victim, DAY),
        ],
    ),
    case(
        Gateway,
        &[
            (Thief, DAY),
            (Thief, SECOND),
            (Thief, SECOND),
            (Victim, DAY),
        ],
    ),
    // In lock step he is a second tab, and found when he is out of step.
    case(
        ThirdParties,
        &[
            (Victim, DAY),
            (Thief, SECOND),
            (Victim, DAY),
            (Thief, SECOND),
            (Victim, DAY),
            (Victim, DAY),
            (Thief, DAY),
        ],
    ),
    case(Gateway, &[(Victim, DAY), (Thief, SECOND)]),
];

const fn case(place: Place, comings: &'static [(Who, Duration)]) -> Case {
    Case { place, comings }
}

/// The generation of the access token is seen by a gateway, a settling time later.
async fn use_at_a_gateway(app: &TestApp, held: &SignedIn) {
    app.clock.advance(SETTLE);
    let now = app.issuer.unix_time();
    let verified = app.issuer.verifier().verify(&held.access, now).unwrap();
    let sighting = Sighting {
        session: SessionId::parse(&held.session).unwrap(),
        generation: verified.generation.unwrap(),
        seen_at: app.issuer.now(),
    };
    app.store.settle(&[sighting], SETTLE).await.unwrap();
}

async fn check(case: &Case, restarts: bool) {
    let mut app = TestApp::start().await;
    let stolen = app.register("ada").await;
    let (mut victim, mut thief) = (stolen.clone(), stolen.clone());
    let (last, before) = case.comings.split_last().unwrap();
    for (who, span) in before {
        let held = match who {
            Victim => &mut victim,
            Thief => &mut thief,
        };
        app = step(app, *span, restarts).await;
        *held = SignedIn::from(&accepted(app.refresh(&held.refresh).await));
        if case.place == Gateway {
            use_at_a_gateway(&app, held).await;
        }
    }
    let (who, span) = last;
    let held = match who {
        Victim => &victim,
        Thief => &thief,
    };
    app = step(app, *span, restarts).await;
    app.refresh(&held.refresh)
        .await
        .assert_problem(401, "refresh_reused");
    // Nobody has anything left, not even after another restart.
    app = step(app, SECOND, restarts).await;
    for held in [&victim, &thief, &stolen] {
        app.refresh(&held.refresh)
            .await
            .assert_problem(401, "session_revoked");
    }
}

async fn step(app: TestApp, span: Duration, restarts: bool) -> TestApp {
    app.clock.advance(span);
    if restarts { app.restart().await } else { app }
}

fn accepted(answer: Answer) -> Answer {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

#[tokio::test]
async fn in_every_order_and_pace_they_are_found() {
    for case in &CASES {
        check(case, false).await;
    }
}

#[tokio::test]
async fn a_restart_before_each_step_makes_no_difference() {
    for case in &CASES {
        check(case, true).await;
    }
}
