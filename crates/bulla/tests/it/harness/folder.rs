//! A working directory of one test, and commands of the real binary in it.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use super::server::ServerBuilder;

/// The binary under test.
pub(crate) const BULLA: &str = env!("CARGO_BIN_EXE_bulla");

/// A folder that goes with the test.
pub(crate) struct Folder {
    root: TempDir,
    /// What is set for every process in it.
    environment: Vec<(&'static str, String)>,
}

/// A command that is being put together.
pub(crate) struct Invocation {
    command: Command,
    input: Vec<u8>,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    /// A folder whose accounts and sessions are kept in the database of this URL.
    pub(crate) fn on(database: &str) -> Self {
        // Longer than the usual timeout: what is tried there is not how fast this machine is.
        let environment = vec![
            ("BULLA__STORE__URL", database.to_owned()),
            ("BULLA__STORE__TIMEOUT", "20s".to_owned()),
            ("BULLA__STORE__CONNECTIONS", "6".to_owned()),
        ];
        Self {
            environment,
            ..Self::new()
        }
    }

    /// With something set for every process in it.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// `bulla` with these arguments, in this folder.
    pub(crate) fn bulla(&self, arguments: &[&str]) -> Invocation {
        let mut command = command(self.path());
        command
            .envs(self.environment.iter().cloned())
            .args(arguments);
        Invocation {
            command,
            input: Vec::new(),
        }
    }

    /// As [`bulla`](Self::bulla), by a user to whom things can be forbidden: nothing is to root.
    pub(crate) fn bulla_without_privileges(&self, arguments: &[&str]) -> Invocation {
        const NOBODY: u32 = 65_534;
        let mut invocation = self.bulla(arguments);
        if self.path().metadata().unwrap().uid() == 0 {
            // Nobody may not look into the folder that cargo builds in, but into this one.
            let copy = self.path().join("bulla");
            // By another process: one that a test forks here meanwhile would keep the copy open for writing, and
            // what is open for writing cannot be run.
            let copied = Command::new("cp").arg(BULLA).arg(&copy).status().unwrap();
            assert!(copied.success());
            invocation.command = program(&copy, self.path());
            invocation.command.args(arguments).uid(NOBODY).gid(NOBODY);
        }
        invocation
    }

    /// A server in this folder, on ports that are free.
    pub(crate) fn server(&self) -> ServerBuilder {
        self.server_as(&["serve", "--json"])
    }

    /// A server by these arguments, on ports that are free.
    pub(crate) fn server_as(&self, arguments: &[&str]) -> ServerBuilder {
        let mut server = ServerBuilder::new(self.path(), arguments)
            .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
            .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0");
        for (name, value) in &self.environment {
            server = server.env(name, value);
        }
        server
    }

    /// `bulla gateway` in this folder, on a port that is free.
    pub(crate) fn gateway(&self, arguments: &[String]) -> ServerBuilder {
        ServerBuilder::new(
            self.path(),
            &["gateway", "--json", "--listen", "127.0.0.1:0"],
        )
        .args(arguments)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).unwrap()
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    /// Every regular file under `bulla-data` with its bytes.
    pub(crate) fn data(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fs::read_dir(self.path().join("bulla-data"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), fs::read(&path).unwrap()))
            .collect()
    }
}

impl Invocation {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Starts it, with whoever writes what it reads.
    pub(crate) fn spawn(mut self) -> (Child, ChildStdin) {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        (child, stdin)
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Finished {
        let input = std::mem::take(&mut self.input);
        let (child, mut stdin) = self.spawn();
        // A command that does not read its input closes the pipe: no failure of the test.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Finished {
            code: output.status.code().expect("ended by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs it; it must succeed.
    #[track_caller]
    pub(crate) fn succeed(self) -> Finished {
        let finished = self.run();
        assert_eq!(finished.code, 0, "{finished:?}");
        finished
    }

    /// Runs it; it must succeed and print one JSON value.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let finished = self.succeed();
        serde_json::from_str(&finished.stdout)
            .unwrap_or_else(|error| panic!("{error}: {finished:?}"))
    }

    /// Runs it; it must fail with exit code 1 and exactly one line that holds all of `parts`.
    #[track_caller]
    pub(crate) fn refused(self, parts: &[&str]) -> Finished {
        let finished = self.run();
        assert_eq!(finished.code, 1, "{finished:?}");
        assert_eq!(
            finished.stderr.trim_end().lines().count(),
            1,
            "{finished:?}"
        );
        for part in parts {
            assert!(finished.stderr.contains(part), "{part:?} in {finished:?}");
        }
        finished
    }
}

/// `bulla` in a folder, without what the surroundings set for another one.
pub(crate) fn command(folder: &Path) -> Command {
    program(Path::new(BULLA), folder)
}

fn program(path: &Path, folder: &Path) -> Command {
    let mut command = Command::new(path);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BULLA") {
            command.env_remove(name);
        }
    }
    command
}
