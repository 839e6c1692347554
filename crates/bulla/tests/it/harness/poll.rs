//! Waiting for something that comes by itself.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Asks again and again until there is an answer; the test fails after a minute.
#[track_caller]
pub(crate) fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(Duration::from_secs(60), what, ask)
}

/// The same for what takes its time.
#[track_caller]
pub(crate) fn within<T>(span: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + span;
    while Instant::now() < deadline {
        if let Some(answer) = ask() {
            return answer;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("waited {span:?} for {what}");
}

/// Sets a flag at its own end, also when the test fails: whoever goes on until then ends, and can be waited for.
pub(crate) struct Ending<'flag>(pub(crate) &'flag AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
