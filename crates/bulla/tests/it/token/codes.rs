//! `docs/token-refused.md` has every code that a token can be refused with, and no other.

use std::collections::BTreeSet;

use bulla_guard::problem::Code;
use bulla_jose::jwe::{DecryptionError, nested::NestedError};

const PAGE: &str = include_str!("../../../../../docs/token-refused.md");

/// Those of the gateway and those of the library for encrypted tokens. Those of the library for signed ones are the gateway's.
fn codes() -> BTreeSet<&'static str> {
    let gateway = Code::ALL.iter().map(|code| code.as_str());
    let encrypted = [
        DecryptionError::CompressionRefused.code(),
        DecryptionError::CriticalUnsupported { names: Vec::new() }.code(),
        DecryptionError::KeyUnknown { key_id: None }.code(),
        DecryptionError::Failed.code(),
        NestedError::ContentTypeMismatch { found: None }.code(),
    ];
    gateway.chain(encrypted).collect()
}

#[test]
fn every_code_of_a_token_has_its_section_and_every_section_its_code() {
    let codes = codes();
    let of_tokens: BTreeSet<_> = codes
        .iter()
        .copied()
        .filter(|code| code.starts_with("token_"))
        .collect();
    let heading = |line: &'static str| line.strip_prefix("### `")?.strip_suffix('`');
    let sections: BTreeSet<_> = PAGE.lines().filter_map(heading).collect();
    assert_eq!(sections, of_tokens);
}

#[test]
fn codes_that_look_like_them_are_in_the_table() {
    let rows: Vec<_> = PAGE
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let mut found = 0;
    for code in codes() {
        if code.starts_with("refresh_") || code.starts_with("session_") {
            let listed = rows.iter().any(|row| row.contains(&format!("`{code}`")));
            assert!(listed, "{code}");
            found += 1;
        }
    }
    assert!(found >= 4, "{found}");
}
