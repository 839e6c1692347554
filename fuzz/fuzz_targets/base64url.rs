#![no_main]

#[path = "../../crates/bulla-jose/tests/it/fuzz/targets.rs"]
#[expect(dead_code, reason = "each program fuzzes one of the targets")]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::base64url(data));
