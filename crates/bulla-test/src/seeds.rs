use std::ops::Range;

/// The seeds that a test goes through: so many, or as many as `BULLA_TEST_ROUNDS` says, if that is more.
///
/// # Panics
/// If it says no number.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "how long to look for what is wrong is for whoever runs the tests to say"
)]
pub fn seeds(least: u64) -> Range<u64> {
    let rounds = std::env::var("BULLA_TEST_ROUNDS").ok();
    let rounds = rounds.map(|text| text.parse().expect("BULLA_TEST_ROUNDS is a number"));
    0..rounds.unwrap_or(0).max(least)
}
