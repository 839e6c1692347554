//! How long keys are good that cannot be fetched again.

use std::time::Duration;

use bulla_guard::{keys::remote::RemoteSettings, problem::Code};
use tokio::time::advance;

use super::{
    remote::{SECOND, fetched, hold_clock, key_set, settings, verdict, wait_for},
    server::{Answer, KeyServer},
};
use crate::issuer::Issuer;

const AWAY: Answer = Answer::Head("503 Service Unavailable\r\n");

/// An hour, in which a fetch fails again and again.
async fn advance_by_an_hour() {
    for _ in 0..120 {
        advance(30 * SECOND).await;
    }
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 60 * 60)
}

#[tokio::test(start_paused = true)]
async fn keys_outlive_an_outage_up_to_their_age_and_are_then_503() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let server = KeyServer::start(key_set(&[&issuer]));
    let settings = RemoteSettings {
        max_age: hours(3),
        ..settings(&server)
    };
    let (remote, verifier) = fetched(&settings).await;
    let verifier = verifier.with_cache(1 << 20);
    assert_eq!(verdict(&verifier, &issuer), Ok(()));

    server.answer_with(AWAY);
    advance_by_an_hour().await;
    advance_by_an_hour().await;
    wait_for(&remote, |status| status.failed >= 1).await;
    assert_eq!(verdict(&verifier, &issuer), Ok(()));
    assert!(!remote.status().borrow().outdated);

    advance_by_an_hour().await;
    let status = wait_for(&remote, |status| status.outdated).await;
    assert_eq!(status.succeeded, 1);
    assert_eq!(verdict(&verifier, &issuer), Err(Code::KeysUnavailable));

    // The very same set is good again.
    server.answer_with(key_set(&[&issuer]));
    advance(30 * SECOND).await;
    let status = wait_for(&remote, |status| status.succeeded == 2).await;
    assert!(!status.outdated);
    assert_eq!(verdict(&verifier, &issuer), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_set_that_stays_the_same_stays_young() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let server = KeyServer::start(key_set(&[&issuer]));
    let settings = RemoteSettings {
        max_age: 400 * SECOND,
        ..settings(&server)
    };
    let (remote, verifier) = fetched(&settings).await;
    let epoch = remote.keys().load().epoch;
    for fetches in 2..6 {
        advance(300 * SECOND).await;
        wait_for(&remote, |status| status.succeeded == fetches).await;
        assert_eq!(verdict(&verifier, &issuer), Ok(()));
    }
    assert_eq!(remote.keys().load().epoch, epoch);
}
