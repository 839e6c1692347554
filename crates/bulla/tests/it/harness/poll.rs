//! Waiting for something that comes by itself.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Asks again and again until there is an answer; the test fails after a minute.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        if let Some(answer) = ask() {
            return answer;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("waited a minute for {what}");
}
