//! Replies that never arrive, and stores that forget. Nobody may be logged out by either.

use std::time::Duration;

use bulla_core::{
    audit::AuditKind,
    authentication::{RefreshError, SessionRequest},
    session::Device,
};

use crate::world::{DAY, T, WEEK, World};

fn lost_replies(world: &World) -> usize {
    let events = world.store.events().into_iter();
    events
        .filter(|event| event.kind == AuditKind::RefreshReplyLost)
        .count()
}

#[test]
fn a_lost_reply_is_made_good_at_once_a_minute_or_a_week_later() {
    let second = Duration::from_secs(1);
    for (span, is_recorded) in [
        (Duration::ZERO, false),
        (second, false),
        (T - second, false),
        (T, true),
        (T + second, true),
        (DAY, true),
        (WEEK, true),
    ] {
        let world = World::new();
        let held = world.register("alice");
        world.refresh_after(DAY, &held.refresh_token).unwrap();
        let retried = world.refresh_after(span, &held.refresh_token).unwrap();
        assert!(world.verify(&retried.access_token).is_ok(), "{span:?}");
        assert_eq!(lost_replies(&world), usize::from(is_recorded), "{span:?}");
        assert!(world.refresh_after(DAY, &retried.refresh_token).is_ok());
    }
}

#[test]
fn ten_lost_replies_in_a_row_are_made_good() {
    for span in [Duration::from_secs(10), T, DAY] {
        let world = World::new();
        let held = world.register("alice");
        for _ in 0..10 {
            world.refresh_after(span, &held.refresh_token).unwrap();
        }
        let last = world.refresh_after(span, &held.refresh_token).unwrap();
        assert!(world.refresh_after(DAY, &last.refresh_token).is_ok());
    }
}

#[test]
fn the_last_reply_before_silence_is_good_however_many_were_lost() {
    let world = World::new();
    let held = world.register("alice");
    for _ in 0..3 {
        world.refresh_after(DAY, &held.refresh_token).unwrap();
    }
    let arrived = world.refresh_after(DAY, &held.refresh_token).unwrap();
    world.sight(arrived.session, 5);
    assert!(world.refresh_after(WEEK, &arrived.refresh_token).is_ok());
}

#[test]
fn a_reply_that_comes_late_but_inside_the_span_is_good() {
    let world = World::new();
    let held = world.register("alice");
    let late = world.refresh_after(DAY, &held.refresh_token).unwrap();
    // The client gave up waiting and asked again; then the first reply arrived after the second.
    let half = T / 2;
    let second = world.refresh_after(half, &held.refresh_token).unwrap();
    assert_eq!(late.refresh_token, second.refresh_token);
    assert!(world.refresh_after(WEEK, &late.refresh_token).is_ok());
}

#[test]
fn a_store_that_went_backwards_accepts_what_it_once_handed_out() {
    let world = World::new();
    let mut issued = world.register("alice");
    let replica = world.store.snapshot();
    for _ in 0..3 {
        issued = world.refresh_after(DAY, &issued.refresh_token).unwrap();
    }
    world.store.restore(replica);
    let refreshed = world.refresh_after(DAY, &issued.refresh_token).unwrap();
    assert_eq!(refreshed.refresh_token, issued.refresh_token);
    assert_eq!(world.session(issued.session).generations.newest, 4);
    let next = world.refresh_after(DAY, &refreshed.refresh_token).unwrap();
    assert_eq!(world.session(next.session).generations.newest, 5);
}

#[test]
fn a_session_that_the_store_forgot_is_invalid() {
    let world = World::new();
    let empty = world.store.snapshot();
    let issued = world.register("alice");
    world.store.restore(empty);
    let refused = world.refresh(&issued.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Invalid)));
}

#[test]
fn where_a_session_was_last_used_is_remembered() {
    let world = World::new();
    let issued = world.register("alice");
    let other = Device {
        user_agent: Some("Mozilla/5.0".to_owned()),
        address: "2001:db8::1".parse().ok(),
    };
    world.clock.advance(DAY);
    let request = SessionRequest::default();
    let refreshed = world
        .users
        .refresh(&issued.refresh_token, other.clone(), request);
    futures_executor::block_on(refreshed).unwrap();
    let session = world.session(issued.session);
    assert_eq!(session.device, other);
    assert_eq!(session.last_used_at, world.now());
}
