//! How evenly long a proof takes: hashes counted over seeds, so that every run prints the same.

use bulla_core::anonymous::puzzle::{PUZZLES, Puzzle};

use crate::report::Report;

const SEEDS: u32 = 2_000;

/// Sixteen puzzles of 8 bits, and one of 12, take as many hashes on average.
pub(super) fn measure(report: &Report) {
    let sixteen = spread(PUZZLES, 8);
    let one = spread(1, 12);
    let what = "p99 of a proof's hashes, to the mean";
    report.ratio(what, "x", sixteen, "one puzzle of as many hashes", one);
}

/// The 99th percentile of the hashes that a proof takes, to the mean of all.
fn spread(puzzles: u8, bits: u32) -> f64 {
    let mut hashes: Vec<u64> = (0..SEEDS)
        .map(|seed| {
            let challenge = format!("seed {seed}");
            let solve = |index| Puzzle::new(&challenge, index).solve(bits).get() + 1;
            (0..puzzles).map(solve).sum()
        })
        .collect();
    hashes.sort_unstable();
    let mean = hashes.iter().sum::<u64>() as f64 / hashes.len() as f64;
    let p99 = hashes[hashes.len() * 99 / 100];
    p99 as f64 / mean
}
