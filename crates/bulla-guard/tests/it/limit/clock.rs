//! Clocks that are set back or run apart.

use bulla_guard::limit::{Bucket, BucketTable, Charge};

use super::{at, quota};

const NOW: u64 = 1_700_000_000_000;
const DAY: u64 = 24 * 60 * 60 * 1_000;

#[test]
fn a_clock_that_is_set_back_empties_no_bucket() {
    let quota = quota("60/m", 20);
    let mut bucket = Bucket::default();
    for _ in 0..20 {
        bucket.take(&quota, at(NOW)).unwrap();
    }
    for back in [1, 500, 1_000, 1_001, 60_000, DAY, NOW] {
        let mut bucket = bucket;
        assert!(
            bucket.take(&quota, at(NOW - back)).is_err(),
            "{back} ms back"
        );
    }
}

#[test]
fn a_clock_that_is_set_back_blocks_nobody_for_longer_than_a_full_bucket_does() {
    let quota = quota("60/m", 20);
    let mut bucket = Bucket::default();
    bucket.take(&quota, at(NOW)).unwrap();
    let back = NOW - DAY;
    assert!(bucket.take(&quota, at(back)).is_err());
    assert!(bucket.take(&quota, at(back + 999)).is_err());
    assert!(bucket.take(&quota, at(back + 1_000)).is_ok());
    assert_eq!(bucket.level(&quota, at(back + 21_000)).remaining(), 20);
}

#[test]
fn threads_whose_clocks_are_read_out_of_order_let_no_more_pass() {
    let quota = quota("1000/s", 2);
    let mut bucket = Bucket::default();
    let mut passed = 0;
    // A second long, each millisecond is seen twice, and then once more late.
    for milliseconds in 1..=1_000 {
        for now in [
            NOW + milliseconds,
            NOW + milliseconds,
            NOW + milliseconds - 1,
        ] {
            passed += u32::from(bucket.take(&quota, at(now)).is_ok());
        }
    }
    assert_eq!(passed, 1_001);
}

#[test]
fn buckets_from_a_future_that_was_taken_back_do_not_take_up_room_for_long() {
    let quota = quota("60/m", 20);
    let table = BucketTable::new(1);
    let mut filled = 0_u64;
    while table.take(table.key(filled), &quota, at(NOW)) != Charge::NoRoom {
        filled += 1;
    }
    let back = NOW - DAY;
    let newcomer = table.key("newcomer");
    // The first look makes them full, at most; in 20 seconds they are empty.
    for key in 0..10_000_u64 {
        let _ = table.take(table.key(("other", key)), &quota, at(back));
    }
    assert!(matches!(
        table.take(newcomer, &quota, at(back + 20_000)),
        Charge::Passed(_)
    ));
}
