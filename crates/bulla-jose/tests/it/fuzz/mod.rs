//! The fuzz targets on any toolchain: over their seeds, and over mutations of them that are the same in every run.
//! `PROPTEST_CASES` says how many for each target.

#![expect(
    clippy::unwrap_used,
    reason = "what a test stands on fails the test by panicking, as the test itself does"
)]

mod mutation;
mod targets;

use std::{env, fs, path::Path};

use mutation::Mutation;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long to try is for whoever starts the tests to say"
)]
fn no_seed_and_no_mutation_of_one_breaks_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let cases = env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    for (name, target) in targets::TARGETS {
        let seeds = seeds(&folder.join(name));
        assert!(seeds.len() >= 3, "seeds for {name}");
        seeds.iter().for_each(|seed| target(seed));
        let mut mutation = Mutation::of(seeds);
        for _ in 0..cases.unwrap_or(3000) {
            target(&mutation.next());
        }
    }
}

/// In the order of their names, so that every run is the same.
fn seeds(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}
