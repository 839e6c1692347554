//! Each `sh` block of `docs/concepts` and of the demo's page is run by itself, on a server of its own. A `text` block behind it is what it prints,
//! in this order, with more before, between and after; `…` stands for anything.

use std::{fs, os::unix::fs::symlink, process::Command};

use super::{files, root};
use crate::harness::{Folder, folder::BULLA};

/// The commands, and what they print.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = |text: &'_ str, kind: &str| -> Option<(usize, usize)> {
        let begin = text.find(&format!("```{kind}\n"))? + kind.len() + 4;
        let length = text[begin..].find("\n```\n")?;
        Some((begin, begin + length))
    };
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((begin, end)) = fenced(rest, "sh") {
        let (commands, after) = (&rest[begin..end], &rest[end + "\n```\n".len()..]);
        let printed = after.strip_prefix("```text\n");
        let printed = printed.and_then(|text| text.split_once("\n```\n"));
        found.push((commands, printed.map_or("", |(text, _)| text)));
        rest = after;
    }
    found
}

fn run(commands: &str) -> String {
    let folder = Folder::new();
    let server = folder.server().start();
    symlink(BULLA, folder.path().join("bulla")).unwrap();
    let address = server.public.0.to_string();
    let script = commands
        .replace("localhost:8080", &address)
        .replace("127.0.0.1:8080", &address);
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{told}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_these_pages_say_to_type_prints_what_they_say() {
    let mut ran = 0;
    let mut pages = files(&root().join("docs/concepts"), ".md");
    pages.push(root().join("docs/demo.md"));
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for (commands, expected) in blocks(&text) {
            assert!(!expected.is_empty(), "{commands}");
            let printed = run(commands);
            let mut rest = printed.as_str();
            for piece in expected.lines().flat_map(|line| line.split('…')) {
                let found = rest.find(piece);
                let found = found.unwrap_or_else(|| {
                    panic!("{}: no {piece:?} in the rest of\n{printed}", page.display())
                });
                rest = &rest[found + piece.len()..];
            }
            ran += 1;
        }
    }
    assert!(ran > 5, "{ran}");
}
