//! The README's commands, run as they stand there.
//!
//! Marked are the fenced `sh` blocks that follow a line `<!-- test:readme NAME -->`. `serve` is what
//! starts Bulla, the others are typed beside it.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use serde_json::json;

use crate::harness::{Folder, Server, folder::BULLA};

#[test]
fn the_command_that_starts_it_is_the_binary_without_arguments() {
    // That `cargo run` runs the one binary is proven by the test of the crate graph.
    assert_eq!(block("serve").trim(), "cargo run --release");
    let folder = Folder::new();
    let screen = folder.server_as(&[]).screen();
    assert!(screen.contains("http://127.0.0.1:"), "{screen}");
}

#[test]
fn the_first_administrator_is_one() {
    let folder = Folder::new();
    let server = folder.server().start();
    run(&folder, &server, &block("user"));
    let user = folder
        .bulla(&["user", "show", "you@example.com", "--json"])
        .json();
    assert_eq!(user["roles"], json!(["admin"]));
}

#[test]
fn the_curls_are_refused_first_and_accepted_then() {
    let folder = Folder::new();
    let server = folder.server().start();
    let mut printed = run(&folder, &server, &block("curls"));
    for next in ["HTTP/1.1 401", "\"token_missing\"", "HTTP/1.1 200"] {
        let found = printed
            .find(next)
            .unwrap_or_else(|| panic!("no {next} in the rest: {printed}"));
        printed.drain(..found + next.len());
    }
}

/// Runs a block in one shell, with the binary under test as what cargo would run.
fn run(folder: &Folder, server: &Server, block: &str) -> String {
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(BULLA, bin.join("bulla")).unwrap();
    let script = block
        .replace("localhost:8080", &server.public.0.to_string())
        .replace("cargo run --release --", "bulla");
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env(
            "PATH",
            format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()),
        )
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{script}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn block(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(path).unwrap();
    let mark = format!("<!-- test:readme {name} -->\n```sh\n");
    let (_, after) = readme
        .split_once(&mark)
        .unwrap_or_else(|| panic!("no block {mark:?}"));
    let (block, _) = after.split_once("\n```\n").unwrap();
    block.to_owned()
}
