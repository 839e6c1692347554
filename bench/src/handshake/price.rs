//! What a proof costs whoever makes it: the hashes follow from the formula, the time from how fast somebody hashes.

use std::{fs, process::Command, time::Instant};

use anyhow::{Context, Result, ensure};
use bulla_core::anonymous::{
    Difficulty,
    puzzle::{PUZZLES, Puzzle},
};

use crate::report::Report;

/// The modules that the server hands out to browsers.
const MODULES: [(&str, &str); 2] = [
    (
        "puzzle.js",
        include_str!("../../../crates/bulla-server/web/assets/puzzle.js"),
    ),
    (
        "sha256.js",
        include_str!("../../../crates/bulla-server/web/assets/sha256.js"),
    ),
];

/// Solves 16 puzzles of 15 bits, and prints millions of hashes a second.
const SCRIPT: &str = "
import { solve } from './puzzle.js';
const begun = performance.now();
let hashes = 0;
for (let index = 0; index < 16; index += 1) hashes += solve('A'.repeat(166), index, 15) + 1;
console.log(hashes / (performance.now() - begun) / 1000);
";

/// Who pays, at how many million hashes a second. Assumed: measured is only the machine that this runs on.
const ASSUMED: [(&str, f64); 3] = [
    ("a slow phone (0.3 MH/s assumed)", 0.3),
    ("a laptop's browser (2 MH/s assumed)", 2.0),
    ("a graphics card (20,000 MH/s assumed)", 20_000.0),
];

pub(super) fn measure(report: &Report) -> Result<()> {
    let native = native_rate();
    report.value("hashing here, bulla token anonymous", "MH/s", native);
    let browser = javascript_rate()?;
    report.ratio(
        "hashing here, the page's JavaScript",
        "MH/s",
        browser,
        "the command line's",
        native,
    );
    for difficulty in [Difficulty::USUAL, Difficulty::HIGHEST] {
        let bits = difficulty.bits();
        let millions = difficulty.hashes() as f64 / 1e6;
        report.value(
            &format!("difficulty {bits}: a token"),
            "hashes",
            difficulty.hashes() as f64,
        );
        report.value(
            &format!("difficulty {bits}: JavaScript here"),
            "ms",
            millions / browser * 1e3,
        );
        for (who, rate) in ASSUMED {
            let what = format!("difficulty {bits}: {who}");
            match millions / rate * 1e3 {
                ms if ms >= 1.0 => report.value(&what, "ms", ms),
                _ => report.value(&what, "tokens/s", rate / millions),
            }
        }
    }
    Ok(())
}

/// Millions of hashes a second, on one core.
fn native_rate() -> f64 {
    let (started, challenge) = (Instant::now(), "A".repeat(166));
    let solve = |index| Puzzle::new(&challenge, index).solve(15).get() + 1;
    let hashes: u64 = (0..PUZZLES).map(solve).sum();
    hashes as f64 / started.elapsed().as_secs_f64() / 1e6
}

fn javascript_rate() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    for (name, text) in MODULES {
        fs::write(folder.path().join(name), text)?;
    }
    fs::write(folder.path().join("package.json"), r#"{"type": "module"}"#)?;
    fs::write(folder.path().join("solve.js"), SCRIPT)?;
    let run = Command::new("node")
        .arg("solve.js")
        .current_dir(folder.path())
        .output()
        .context("the page's JavaScript is measured under Node.js, which is missing")?;
    ensure!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    Ok(String::from_utf8(run.stdout)?.trim().parse()?)
}
