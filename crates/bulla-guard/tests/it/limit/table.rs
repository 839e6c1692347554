//! Many buckets.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use bulla_guard::{
    UnixTime,
    limit::{BucketTable, Charge, Plans},
    principal::Principal,
};

use super::{at, quota};

#[test]
fn of_many_requests_at_once_exactly_the_burst_passes() {
    let quota = quota("1/h", 1_000);
    let table = BucketTable::new(1_000);
    let passed = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for request in 0..2_000_u64 {
                    let charge = table.take(table.key("subject"), &quota, at(request));
                    passed.fetch_add(
                        u32::from(matches!(charge, Charge::Passed(_))),
                        Ordering::Relaxed,
                    );
                    // Others come and go in between.
                    let _ = table.take(table.key(("other", request)), &quota, at(request));
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 1_000);
}

#[test]
fn a_million_subjects_take_bounded_memory_and_none_that_was_counted_is_forgotten() {
    const SUBJECTS: u32 = 1_000_000;
    const ROOM: usize = 1 << 19;
    let quota = quota("60/m", 2);
    let table = BucketTable::new(ROOM);
    let subject = |number: u32| table.key(("free", "subject", format!("usr_{number}")));
    let charges: Vec<_> = (0..SUBJECTS)
        .map(|number| table.take(subject(number), &quota, at(0)))
        .collect();
    let counted = |charge: &&Charge| matches!(charge, Charge::Passed(_));
    let places = charges.iter().filter(counted).count();
    assert!(
        places <= ROOM && places * 10 >= ROOM * 9,
        "{places} of {ROOM}"
    );
    assert!(
        table.bytes() <= ROOM * 16 + 256 * 128,
        "{} bytes",
        table.bytes()
    );
    // Who was counted still has one left and no more; who was not still is not.
    for (number, charge) in (0..).zip(&charges) {
        let again = |milliseconds| table.take(subject(number), &quota, at(milliseconds));
        match charge {
            Charge::Passed(_) => {
                assert!(matches!(again(1), Charge::Passed(level) if level.remaining() == 0));
                assert!(matches!(again(2), Charge::Refused(_)));
            }
            _ => assert_eq!(again(2), Charge::NoRoom),
        }
    }
    // What has leaked makes room for all the others.
    let passed = (0..100_000)
        .map(|number| table.take(subject(SUBJECTS + number), &quota, at(10_000)))
        .filter(|charge| matches!(charge, Charge::Passed(_)));
    assert_eq!(passed.count(), 100_000);
}

#[test]
fn subjects_that_come_one_after_the_other_take_no_memory() {
    let quota = quota("1000/s", 10);
    let table = BucketTable::new(1 << 20);
    let before = table.bytes();
    for number in 0..1_000_000_u64 {
        // Ten thousand a second, each for a millisecond.
        let charge = table.take(table.key(number), &quota, at(number / 10));
        assert!(matches!(charge, Charge::Passed(_)));
    }
    assert!(
        table.bytes() < before + 64 * 1024,
        "{} bytes",
        table.bytes()
    );
}

#[test]
fn counting_for_somebody_who_was_counted_before_allocates_nothing() {
    let (plans, table) = (Plans::default(), BucketTable::new(1_000));
    let (issuer, subject) = ("https://login.example".to_owned(), "usr_1".to_owned());
    let principal = Principal {
        plan: Some("free".to_owned()),
        ..Principal::new(issuer, subject, UnixTime::from_seconds(u64::MAX))
    };
    let address = "2001:db8::1".parse().unwrap();
    let count = || {
        let plan = plans.of(Some(&principal));
        let holder = plan.counted().holder(&principal).unwrap();
        let key = table.key((plan.name(), holder));
        let own = table.take(key, plan.policy().quota(), at(0));
        let shared = plan.of_address().take(&table, address, at(0));
        assert!(matches!(
            (own, shared.charge),
            (Charge::Passed(_), Charge::Passed(_))
        ));
    };
    count();
    let counted = allocation_counter::measure(count);
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_look_changes_nothing_and_a_cleared_bucket_is_an_empty_one() {
    let quota = quota("60/m", 20);
    let table = BucketTable::new(10);
    let key = table.key("subject");
    assert_eq!(table.level(key, &quota, at(0)).remaining(), 20);
    assert_eq!(
        table.pour(key, &quota, 5, at(0)).map(|level| level.used()),
        Some(5)
    );
    for _ in 0..2 {
        let level = table.level(key, &quota, at(0));
        assert_eq!((level.used(), level.remaining()), (5, 15));
        assert_eq!(level.until_empty(), Duration::from_secs(5));
    }
    table.clear(key);
    assert_eq!(table.level(key, &quota, at(0)).used(), 0);
    assert_eq!(table.level(table.key("another"), &quota, at(0)).used(), 0);
}

#[test]
fn a_quota_that_changes_takes_over_what_was_counted() {
    let (slow, fast) = (quota("60/m", 20), quota("600/m", 50));
    let table = BucketTable::new(10);
    let key = table.key("subject");
    for _ in 0..20 {
        assert!(matches!(table.take(key, &slow, at(0)), Charge::Passed(_)));
    }
    assert!(matches!(table.take(key, &slow, at(0)), Charge::Refused(_)));
    // Twenty seconds of debt are more than the five that the new one holds.
    assert!(matches!(table.take(key, &fast, at(0)), Charge::Refused(_)));
    assert!(matches!(table.take(key, &fast, at(100)), Charge::Passed(_)));
}
