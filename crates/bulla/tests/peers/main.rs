//! A client library of another language gets its tokens from the real server: Python's `Authlib`. It is installed under
//! `target/`; whatever cannot be installed fails the test.

#![expect(
    clippy::unwrap_used,
    reason = "what a test stands on fails the test by panicking, as the test itself does"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const LIBRARIES: [&str; 2] = ["authlib==1.9.10", "requests==2.34.2"];

#[test]
fn authlib_gets_introspects_and_revokes_tokens_in_every_way_to_prove_itself() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/authlib_client.py");
    let mut python = Command::new(environment().join("bin/python"));
    let ran = python
        .args([script, env!("CARGO_BIN_EXE_bulla")])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{:?}", ran.status);
    let ways = String::from_utf8(ran.stdout).unwrap();
    let expected = [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ];
    assert_eq!(ways.lines().collect::<Vec<_>>(), expected);
}

/// A virtual environment with the libraries; installed anew unless these very versions were installed to their end before.
fn environment() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let (mark, versions) = (folder.join("installed"), LIBRARIES.join(" "));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == versions) {
        return folder;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run(Command::new(folder.join("bin/python"))
        .args(install)
        .args(LIBRARIES));
    fs::write(mark, versions).unwrap();
    folder
}

fn run(command: &mut Command) {
    let status = command.status();
    let done = status.as_ref().is_ok_and(std::process::ExitStatus::success);
    assert!(done, "{command:?}: {status:?}");
}
