//! The peers' libraries, in folders under `target/`. Whatever cannot be installed fails the test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const PYTHON: [&str; 2] = ["pyjwt[crypto]==2.10.1", "cryptography==45.0.7"];
const NODE: &str = "jose@6.1.0";

/// A virtual environment with `PyJWT`.
pub(crate) fn python() -> PathBuf {
    let folder = folder("python");
    once(&folder, &PYTHON.join(" "), || {
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
            .args(PYTHON));
    });
    folder
}

/// A folder with panva's `jose` in `node_modules`.
pub(crate) fn node() -> PathBuf {
    let folder = folder("node");
    once(&folder, NODE, || {
        fs::create_dir_all(&folder).unwrap();
        let install = [
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--prefix",
            ".",
            NODE,
        ];
        run(Command::new("npm").args(install).current_dir(&folder));
    });
    folder
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("peers")
        .join(name)
}

/// Installs anew unless this very version was installed to its end before.
fn once(folder: &Path, version: &str, install: impl FnOnce()) {
    let mark = folder.join("installed");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == version) {
        return;
    }
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    install();
    fs::write(mark, version).unwrap();
}

fn run(command: &mut Command) {
    let status = command.status();
    let done = status.as_ref().is_ok_and(std::process::ExitStatus::success);
    assert!(done, "{command:?}: {status:?}");
}
