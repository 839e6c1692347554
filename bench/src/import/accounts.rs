//! Accounts of a system that kept bcrypt hashes, as it would export them. None is like another, and their order has
//! nothing to do with that of their names.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::Result;
use serde_json::json;

/// How many.
pub(super) const ACCOUNTS: u32 = 1_000_000;

const NAMES: [&str; 8] = [
    "ada", "bob", "carol", "dora", "erin", "frank", "grace", "heidi",
];
const BCRYPT: &[u8] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Writes them, an object a line.
pub(super) fn write(path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..ACCOUNTS {
        let mut random = Random(number.into());
        let name = NAMES[(random.next() % 8) as usize];
        let account = json!({
            "source": number.to_string(),
            "email": format!("{name}.{:x}@mail{}.example", random.next() >> 24, number % 97),
            "name": format!("{name} {number}"),
            "password_hash": random.hash(),
            "created_at": format!("20{:02}-0{}-1{}T12:00:00Z", 10 + number % 15, 1 + number % 9, number % 10),
        });
        writeln!(file, "{account}")?;
    }
    file.flush()?;
    Ok(())
}

/// SplitMix64: the same at every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// What has the form of a bcrypt hash of cost 12, and is none of any password.
    fn hash(&mut self) -> String {
        let mut characters = |count| -> String {
            let character = |_| char::from(BCRYPT[(self.next() % 64) as usize]);
            (0..count).map(character).collect()
        };
        // The last characters of salt and output have bits that do not count, and are not set.
        format!("$2b$12${}.{}.", characters(21), characters(30))
    }
}
