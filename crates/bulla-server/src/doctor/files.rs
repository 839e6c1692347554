//! The data folder, and who else can read what is secret.

use std::{
    fs, io,
    os::unix::{
        fs::{FileTypeExt, MetadataExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use super::{Area, Check, Code, Finding, check::Seen};

/// What nobody else may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesToKeep {
    /// The data folder: everything in it.
    pub folder: PathBuf,
    /// Files elsewhere that hold secrets.
    pub secrets: Vec<PathBuf>,
}

/// Permissions for anybody but the owner.
const OTHERS_OR_GROUP: u32 = 0o077;
/// Outside of the data folder a group may be meant: `ssl-cert`, say.
const OTHERS: u32 = 0o007;

/// The files of a data folder, and others with secrets.
#[must_use]
pub fn files(files: FilesToKeep) -> Check {
    Check::blocking(Area::Files, move || {
        look(&files, rustix::process::geteuid().as_raw())
    })
}

fn look(files: &FilesToKeep, user: u32) -> Seen {
    let mut findings = Vec::new();
    for path in &files.secrets {
        // Whoever needs it says that it is missing.
        if let Ok(metadata) = fs::metadata(path) {
            findings.extend(open_to(OTHERS, path, metadata.mode(), Code::SecretOpen));
        }
    }
    let folder = &files.folder;
    let shown = folder.display();
    let metadata = match fs::metadata(folder) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let detail = format!("there is no {shown} here");
            findings.push(Finding::new(Code::FolderMissing, detail));
            return (format!("no {shown}"), findings);
        }
        Err(error) => {
            let detail = format!("{shown}: {error}");
            findings.push(Finding::new(Code::FolderForeign, detail));
            return (shown.to_string(), findings);
        }
    };
    let owner = metadata.uid();
    findings.extend(open_to(
        OTHERS_OR_GROUP,
        folder,
        metadata.mode(),
        Code::FolderOpen,
    ));
    if owner != user && user != 0 {
        let detail = format!("{shown} belongs to user {owner}, and this is user {user}");
        findings.push(Finding::new(Code::FolderForeign, detail));
    }
    match fs::read_dir(folder) {
        Ok(entries) => {
            let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
            paths.for_each(|path| findings.extend(in_folder(&path, owner)));
        }
        Err(error) => {
            let detail = format!("{shown} cannot be read: {error}");
            findings.push(Finding::new(Code::FolderForeign, detail));
        }
    }
    (shown.to_string(), findings)
}

fn in_folder(path: &Path, owner: u32) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A link leads elsewhere, and what is removed meanwhile is no longer here.
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return findings;
    };
    if metadata.file_type().is_symlink() {
        return findings;
    }
    let shown = path.display();
    if metadata.uid() != owner {
        let user = metadata.uid();
        let detail = format!("{shown} belongs to user {user}, its folder to user {owner}");
        findings.push(Finding::new(Code::OwnersMixed, detail));
    }
    findings.extend(open_to(
        OTHERS_OR_GROUP,
        path,
        metadata.mode(),
        Code::SecretOpen,
    ));
    if metadata.file_type().is_socket() && is_abandoned(path) {
        let detail = format!("nobody listens at {shown}");
        findings.push(Finding::new(Code::SocketAbandoned, detail));
    }
    findings
}

fn is_abandoned(socket: &Path) -> bool {
    let connected = UnixStream::connect(socket);
    connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

fn open_to(whom: u32, path: &Path, mode: u32, code: Code) -> Option<Finding> {
    let detail = || {
        format!(
            "others can open {} (mode {:04o})",
            path.display(),
            mode & 0o7777
        )
    };
    (mode & whom != 0).then(|| Finding::new(code, detail()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::{fs::PermissionsExt, net::UnixListener};

    use super::*;
    use crate::doctor::testing::found;

    /// A data folder with a file in it, a secret elsewhere, and the user who owns them.
    struct Kept {
        _root: tempfile::TempDir,
        files: FilesToKeep,
        user: u32,
    }

    impl Kept {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join("bulla-data");
            fs::create_dir(&folder).unwrap();
            let (key, secret) = (folder.join("master.key"), root.path().join("tls.key"));
            for file in [&key, &secret] {
                fs::write(file, "").unwrap();
            }
            let kept = Self {
                user: fs::metadata(&key).unwrap().uid(),
                files: FilesToKeep {
                    folder,
                    secrets: vec![secret],
                },
                _root: root,
            };
            kept.allow(&kept.files.folder, 0o700);
            kept.allow(&key, 0o600);
            kept.allow(&kept.files.secrets[0], 0o640);
            kept
        }

        fn allow(&self, path: &Path, mode: u32) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }

        #[track_caller]
        fn check(&self, codes: &[Code]) {
            found(&look(&self.files, self.user).1, codes);
        }
    }

    #[test]
    fn what_only_its_owner_opens_is_as_it_should_be() {
        Kept::new().check(&[]);
    }

    #[test]
    fn others_open_neither_the_folder_nor_what_is_in_it() {
        let kept = Kept::new();
        kept.allow(&kept.files.folder, 0o750);
        kept.check(&[Code::FolderOpen]);
        let kept = Kept::new();
        kept.allow(&kept.files.folder.join("master.key"), 0o640);
        kept.check(&[Code::SecretOpen]);
    }

    #[test]
    fn a_secret_elsewhere_may_be_for_a_group_and_for_nobody_else() {
        let kept = Kept::new();
        kept.allow(&kept.files.secrets[0], 0o644);
        kept.check(&[Code::SecretOpen]);
    }

    #[test]
    fn the_folder_is_somebodys() {
        let kept = Kept::new();
        let as_user = |user| look(&kept.files, user).1;
        found(&as_user(kept.user + 1), &[Code::FolderForeign]);
        found(&as_user(0), &[]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_said_once() {
        let mut kept = Kept::new();
        kept.files.folder.push("elsewhere");
        kept.check(&[Code::FolderMissing]);
    }

    #[test]
    fn a_socket_without_a_server_is_told_from_one_with() {
        let kept = Kept::new();
        let socket = kept.files.folder.join("admin.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        kept.allow(&socket, 0o600);
        kept.check(&[]);
        drop(listener);
        kept.check(&[Code::SocketAbandoned]);
    }
}
