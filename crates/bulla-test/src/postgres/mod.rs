//! A PostgreSQL server of a test's own.

mod client;
mod programs;
mod tcp;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use self::programs::Programs;
pub use self::tcp::Certificate;

/// Of those that only have a socket.
const PORT: u16 = 5432;

/// A server on a socket in a folder of its own, with nothing in it. It ends, and its folder goes, with whoever started it,
/// however that ends.
pub struct PostgresServer {
    programs: &'static Programs,
    folder: PathBuf,
    settings: Vec<String>,
    port: u16,
    running: Mutex<Option<Running>>,
    databases: AtomicU32,
}

/// What lives until its standard input is closed: by us, or by our end.
struct Running {
    keeper: Child,
}

/// Ends the server when its input ends; the folder stays.
const KEEP: &str = r#""$@" & server=$!; cat >/dev/null; kill -QUIT "$server" 2>/dev/null; wait"#;

/// Removes the folder when its input ends.
const SWEEP: &str = r#"cat >/dev/null; sleep 0.1; while [ -e "$1/postmaster.pid" ] && kill -0 "$(head -1 "$1/postmaster.pid")" 2>/dev/null; do sleep 0.1; done; rm -rf "$1""#;

impl PostgresServer {
    /// In the URLs, though it takes everybody without one: so that it can be looked for where it must not be.
    pub const PASSWORD: &str = "canary-password-Pg7";

    /// One for all tests of this process, which does not wait for the disk.
    ///
    /// # Panics
    /// There is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<PostgresServer> = LazyLock::new(|| {
            PostgresServer::start(&["fsync=off", "full_page_writes=off", "max_connections=500"])
        });
        &SHARED
    }

    /// A new one with these settings.
    ///
    /// # Panics
    /// There is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn start(settings: &[&str]) -> Self {
        let settings = settings.iter().map(|setting| (*setting).to_owned());
        let server = Self::made(settings.collect(), PORT);
        server.resume();
        server
    }

    /// A new one that does not run yet.
    fn made(settings: Vec<String>, port: u16) -> Self {
        let programs = Programs::found();
        let folder = programs.new_folder();
        programs.run("initdb", |initdb| {
            initdb
                .args(["--no-sync", "--auth=trust", "--username=bulla"])
                .args(["--encoding=UTF8", "--locale=C", "--pgdata"])
                .arg(&folder)
        });
        sweep(programs, &folder);
        Self {
            programs,
            folder,
            settings,
            port,
            running: Mutex::new(None),
            databases: AtomicU32::new(0),
        }
    }

    /// The URL of a new database with nothing in it.
    ///
    /// # Panics
    /// The server does not answer.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE template0"),
        );
        format!(
            "postgres://bulla:{}@{}/{name}",
            Self::PASSWORD,
            encoded(&self.folder)
        )
    }

    /// The name of the database of a URL that [`database`](Self::database) gave.
    #[must_use]
    pub fn name(url: &str) -> &str {
        url.rsplit('/').next().unwrap_or(url)
    }

    /// Every file that it has written, with its bytes: tables, the write-ahead log, its log.
    ///
    /// # Panics
    /// One cannot be read.
    #[must_use]
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder is there") {
                let path = entry.expect("it can be listed").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() {
                    let bytes = fs::read(&path).expect("the file can be read");
                    files.insert(path, bytes);
                }
            }
        }
        files
    }

    /// Kills all its processes at once, as a crash would.
    ///
    /// # Panics
    /// It does not run.
    pub fn kill(&self) {
        let server = self.pid();
        let children = children(&server);
        signal("KILL", &[server]);
        signal("KILL", &children);
        self.ended();
    }

    /// Lets none of its processes do anything until [`go_on`](Self::go_on).
    ///
    /// # Panics
    /// It does not run.
    pub fn freeze(&self) {
        let server = self.pid();
        let mut processes = children(&server);
        processes.push(server);
        signal("STOP", &processes);
    }

    /// Ends [`freeze`](Self::freeze).
    ///
    /// # Panics
    /// It does not run.
    pub fn go_on(&self) {
        let server = self.pid();
        let mut processes = children(&server);
        processes.push(server);
        signal("CONT", &processes);
    }

    /// Ends it; what is open is cut off.
    ///
    /// # Panics
    /// It does not run.
    pub fn stop(&self) {
        signal("INT", &[self.pid()]);
        self.ended();
    }

    /// Starts it again.
    ///
    /// # Panics
    /// It does not answer.
    pub fn resume(&self) {
        let mut keeper = self
            .programs
            .as_server_user("sh")
            .args(["-c", KEEP, "keeper"])
            .arg(self.programs.path("postgres"))
            .arg("-D")
            .arg(&self.folder)
            .arg("-k")
            .arg(&self.folder)
            .args(["-c", "listen_addresses=", "-c", "logging_collector=off"])
            .args(
                self.settings
                    .iter()
                    .flat_map(|setting| ["-c", setting.as_str()]),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log(&self.folder))
            .spawn()
            .expect("the server's keeper starts");
        while !self.is_ready() {
            let ended = keeper.try_wait().expect("it can be asked for");
            assert!(
                ended.is_none(),
                "PostgreSQL does not start: {}",
                self.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
        *self.running() = Some(Running { keeper });
    }

    fn is_ready(&self) -> bool {
        let mut ask = self.programs.command("pg_isready");
        ask.args(["--quiet", "--dbname=postgres", "--username=bulla", "--host"]);
        let port = format!("--port={}", self.port);
        let asked = ask.arg(&self.folder).arg(port).status();
        asked.expect("pg_isready starts").success()
    }

    /// The process that all others of the server come from.
    fn pid(&self) -> String {
        let file = fs::read_to_string(self.folder.join("postmaster.pid"));
        let file = file.expect("it runs");
        file.lines().next().unwrap_or_default().to_owned()
    }

    /// Waits until it is gone.
    fn ended(&self) {
        let mut running = self.running();
        let Some(Running { mut keeper }) = running.take() else {
            return;
        };
        drop(keeper.stdin.take());
        keeper.wait().expect("the keeper ends");
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.ended();
    }
}

/// Removes the folder after our end, by a process that outlives us by no more than that.
fn sweep(programs: &Programs, folder: &Path) {
    let sweeper = programs
        .as_server_user("sh")
        .args(["-c", SWEEP, "sweeper"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the sweeper starts");
    // Its input stays open as long as this process lives.
    std::mem::forget(sweeper);
}

fn log(folder: &Path) -> Stdio {
    let path = folder.join("log");
    let file = fs::OpenOptions::new().create(true).append(true).open(&path);
    let file = file.expect("the log can be written");
    let everybody = fs::Permissions::from_mode(0o666);
    fs::set_permissions(&path, everybody).expect("the log is ours");
    Stdio::from(file)
}

fn children(parent: &str) -> Vec<String> {
    let listed = Command::new("ps")
        .args(["-o", "pid=", "--ppid", parent])
        .output()
        .expect("ps starts");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    text.split_whitespace().map(str::to_owned).collect()
}

fn signal(name: &str, processes: &[String]) {
    // One that has ended meanwhile is as good.
    let _ = Command::new("kill")
        .arg(format!("-{name}"))
        .args(processes)
        .stderr(Stdio::null())
        .status()
        .expect("kill starts");
}

/// A folder as the host of a URL.
fn encoded(folder: &Path) -> String {
    folder.display().to_string().replace('/', "%2F")
}
