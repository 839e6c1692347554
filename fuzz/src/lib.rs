//! The targets of `bulla-jose`'s own tests, for libFuzzer. Each program is one of them.

#[path = "../../crates/bulla-jose/tests/it/fuzz/targets.rs"]
mod targets;

/// Runs the target of this name.
///
/// # Panics
/// There is none of this name, or the input breaks it.
pub fn run(name: &str, data: &[u8]) {
    let mut targets = targets::TARGETS.iter();
    let (_, target) = targets.find(|(known, _)| *known == name).expect("a target");
    target(data);
}
