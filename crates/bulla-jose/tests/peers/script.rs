use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::install;

/// A peer's script and what runs it.
pub(crate) struct Script {
    program: PathBuf,
    script: PathBuf,
    folder: PathBuf,
}

impl Script {
    pub(crate) fn python() -> Self {
        let folder = install::python();
        Self {
            program: folder.join("bin/python"),
            script: beside("pyjwt.py"),
            folder,
        }
    }

    pub(crate) fn node() -> Self {
        let folder = install::node();
        // A module finds its libraries from where it lies.
        let script = folder.join("panva_jose.mjs");
        std::fs::copy(beside("panva_jose.mjs"), &script).unwrap();
        Self {
            program: "node".into(),
            script,
            folder,
        }
    }

    /// Tokens that the peer made.
    pub(crate) fn make(&self) -> Vec<Value> {
        self.run("make", &[])
    }

    /// What the peer says of these tokens, in their order.
    pub(crate) fn verify(&self, lines: &[Value]) -> Vec<Value> {
        let verdicts = self.run("verify", lines);
        assert_eq!(verdicts.len(), lines.len());
        verdicts
    }

    fn run(&self, command: &str, lines: &[Value]) -> Vec<Value> {
        let mut child = Command::new(&self.program)
            .arg(&self.script)
            .arg(command)
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{} {command}",
            self.script.display()
        );
        writer.join().unwrap().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}
