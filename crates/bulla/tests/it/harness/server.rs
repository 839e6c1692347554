//! A running server: the real binary, told by its own first line where it listens.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Http, folder, poll};

/// A server that is being put together.
pub(crate) struct ServerBuilder {
    command: Command,
    log: PathBuf,
}

/// A server that answers. It is killed when the test lets go of it.
pub(crate) struct Server {
    child: Child,
    /// The gateway.
    pub(crate) public: Http,
    /// Admin API, health and metrics; the public address again where there is no such listener.
    pub(crate) admin: Http,
    /// Where plain HTTP is sent on, if anywhere.
    pub(crate) redirect: Option<Http>,
    /// Everything it prints on standard output after the first line.
    rest: mpsc::Receiver<String>,
    log: PathBuf,
}

impl ServerBuilder {
    pub(crate) fn new(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = folder::command(folder);
        command.args(arguments);
        let unused = (0..).map(|n| folder.join(format!("server-{n}.log")));
        let log = unused.into_iter().find(|path| !path.exists()).unwrap();
        Self { command, log }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn args<A: AsRef<std::ffi::OsStr>>(mut self, arguments: &[A]) -> Self {
        self.command.args(arguments);
        self
    }

    /// On a small disk of its own, where it keeps its data. Takes what was said so far as what to start.
    pub(crate) fn with_disk_of(mut self, size: &str) -> Self {
        let bulla = std::mem::replace(&mut self.command, Command::new("unshare"));
        let script =
            "mkdir -p bulla-data && mount -t tmpfs -o size=\"$0\" tmpfs bulla-data && exec \"$@\"";
        self.command.args(["-rm", "sh", "-c", script, size]);
        self.command.arg(bulla.get_program()).args(bulla.get_args());
        let environment = bulla.get_envs();
        let environment = environment.filter_map(|(name, value)| Some((name, value?)));
        self.command.envs(environment);
        if let Some(folder) = bulla.get_current_dir() {
            self.command.current_dir(folder);
        }
        self
    }

    /// A name for the issuer that outlives the port.
    pub(crate) fn fixed_issuer(self) -> Self {
        self.env("BULLA__TOKENS__ISSUER", "https://bulla.example")
    }

    /// How long after it was handed out a refresh token's use settles it.
    pub(crate) fn settle(self, span: &str) -> Self {
        self.env("BULLA__SESSION__SETTLE", span)
    }

    /// Starts it, waits until it prints something, ends it, and returns what it printed.
    #[track_caller]
    pub(crate) fn screen(mut self) -> String {
        let screen = self.log.with_extension("screen");
        let mut child = self
            .command
            .stdin(Stdio::null())
            .stdout(File::create(&screen).unwrap())
            .stderr(File::create(&self.log).unwrap())
            .spawn()
            .unwrap();
        let printed = || fs::read_to_string(&screen).unwrap();
        poll::until("the first screen", || (!printed().is_empty()).then_some(()));
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert!(child.wait().unwrap().success());
        printed()
    }

    /// Starts it and waits until it says where it listens.
    #[track_caller]
    pub(crate) fn start(self) -> Server {
        let log = File::create(&self.log).unwrap();
        self.start_logging_to(log.into())
    }

    /// As [`start`](Self::start), with a log that fills a pipe, and nobody reads it.
    #[track_caller]
    pub(crate) fn start_with_unread_log(self) -> Server {
        File::create(&self.log).unwrap();
        self.start_logging_to(Stdio::piped())
    }

    #[track_caller]
    fn start_logging_to(mut self, log: Stdio) -> Server {
        let mut child = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (first_sender, first) = mpsc::channel();
        let (rest_sender, rest) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let mut others = String::new();
            let _ = stdout.read_line(&mut line);
            let _ = first_sender.send(line);
            let _ = stdout.read_to_string(&mut others);
            let _ = rest_sender.send(others);
        });
        let line = first
            .recv_timeout(Duration::from_secs(60))
            .unwrap_or_default();
        let Ok(listening) = serde_json::from_str::<Value>(&line) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!(
                "no server: {line:?} {}",
                fs::read_to_string(&self.log).unwrap()
            );
        };
        let public = address(&listening["public"]).expect("no public address");
        let redirect = address(&listening["redirect"]);
        let admin = address(&listening["admin"]).unwrap_or(public);
        Server {
            child,
            public,
            admin,
            redirect,
            rest,
            log: self.log,
        }
    }
}

impl Server {
    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// A path as this process sees it, which may have mounted something there.
    pub(crate) fn seen(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.child.id()));
        root.join(path.strip_prefix("/").unwrap())
    }

    /// Asks it to end, and does not wait.
    pub(crate) fn ask_to_end(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Asks it to read its files again.
    pub(crate) fn hang_up(&self) {
        kill_process(Pid::from_child(&self.child), Signal::HUP).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> ExitStatus {
        poll::until("the server's end", || self.child.try_wait().unwrap())
    }

    /// Asks it to end, waits, and returns all that it printed and logged.
    #[track_caller]
    pub(crate) fn stop(mut self) -> String {
        self.ask_to_end();
        let status = poll::until("the server's end", || self.child.try_wait().unwrap());
        assert_eq!(status.code(), Some(0), "{}", self.log());
        let rest = self.rest.recv_timeout(Duration::from_secs(60)).unwrap();
        format!("{rest}{}", self.log())
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(url: &Value) -> Option<Http> {
    let url = url.as_str()?;
    let address = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    Some(Http(address.parse().unwrap()))
}
