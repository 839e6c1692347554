//! Where PostgreSQL's programs are, and who may run the server: not root.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, chown},
    path::{Path, PathBuf},
    process::{self, Command},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

pub(super) struct Programs {
    /// Where they are, unless they are found by their names.
    folder: Option<PathBuf>,
    /// Who runs the server, if we must not.
    user: Option<User>,
}

struct User {
    id: u32,
    group: u32,
}

impl Programs {
    pub(super) fn found() -> &'static Self {
        static FOUND: OnceLock<Programs> = OnceLock::new();
        FOUND.get_or_init(|| Self {
            folder: newest(Path::new("/usr/lib/postgresql")),
            user: (id(&["-u"]) == Some(0)).then(User::other),
        })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        match &self.folder {
            Some(folder) => folder.join(name),
            None => PathBuf::from(name),
        }
    }

    /// Who runs the server, and the group, if we must not.
    pub(super) fn server_user(&self) -> Option<(u32, u32)> {
        self.user.as_ref().map(|User { id, group }| (*id, *group))
    }

    pub(super) fn command(&self, name: &str) -> Command {
        Command::new(self.path(name))
    }

    /// A program as who runs the server.
    pub(super) fn as_server_user(&self, program: impl AsRef<Path>) -> Command {
        let Some(User { id, group }) = self.user else {
            return Command::new(program.as_ref());
        };
        let mut command = Command::new("setpriv");
        command
            .args([
                format!("--reuid={id}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ])
            .arg(program.as_ref());
        command
    }

    /// Runs one of PostgreSQL's programs as who runs the server.
    pub(super) fn run(&self, name: &str, arguments: impl FnOnce(&mut Command) -> &mut Command) {
        let mut command = self.as_server_user(self.path(name));
        let output = arguments(&mut command).output();
        let missing = format!("PostgreSQL is there (the Debian package `postgresql`), with {name}");
        let output = output.expect(&missing);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name} failed: {said}");
    }

    /// A new folder of who runs the server, with a path that is short enough for a socket.
    pub(super) fn new_folder(&self) -> PathBuf {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!("/tmp/bulla-postgres-{}-{number}", process::id()));
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.expect("a temporary folder can be made");
        if let Some(User { id, group }) = self.user {
            chown(&path, Some(id), Some(group)).expect("root gives folders away");
        }
        path
    }
}

impl User {
    /// Who is there for it, or nobody.
    fn other() -> Self {
        let of = |name: &str| {
            Some(Self {
                id: id(&["-u", name])?,
                group: id(&["-g", name])?,
            })
        };
        let user = of("postgres").or_else(|| of("nobody"));
        user.expect("there is a user besides root")
    }
}

/// The programs of the newest release that Debian has put there.
fn newest(releases: &Path) -> Option<PathBuf> {
    let releases = fs::read_dir(releases).ok()?;
    let folders = releases.filter_map(|entry| {
        let folder = entry.ok()?.path();
        let release: u32 = folder.file_name()?.to_str()?.parse().ok()?;
        let programs = folder.join("bin");
        programs
            .join("initdb")
            .exists()
            .then_some((release, programs))
    });
    folders.max().map(|(_, programs)| programs)
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
