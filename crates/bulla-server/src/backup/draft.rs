//! A backup that is not in its place yet.

use std::{fs::File, io, path::Path};

use tempfile::NamedTempFile;

/// What a draft is called that needs a name, before something random.
const PREFIX: &str = ".bulla-backup-";

/// A new file (mode 0600), which goes with the value unless it is put into its place.
#[derive(Debug)]
pub(super) enum Draft {
    /// Without a name: nothing of it stays, however the process ends.
    #[cfg(target_os = "linux")]
    Unnamed(File),
    /// For file systems that know no others.
    Named(NamedTempFile),
}

impl Draft {
    pub(super) fn new_in(folder: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed::new_in(folder)? {
            return Ok(Self::Unnamed(file));
        }
        Self::named_in(folder)
    }

    fn named_in(folder: &Path) -> io::Result<Self> {
        NamedTempFile::with_prefix_in(PREFIX, folder).map(Self::Named)
    }

    pub(super) fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// Gives it this name, which nothing has.
    pub(super) fn put_new(self, path: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => unnamed::link(&file, path),
            Self::Named(file) => file
                .persist_noclobber(path)
                .map(drop)
                .map_err(io::Error::from),
        }
    }

    /// Gives it this name, whatever had it. `folder` is where that is.
    pub(super) fn put_over(self, path: &Path, folder: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => tempfile::Builder::new()
                .prefix(PREFIX)
                .make_in(folder, |name| unnamed::link(&file, name))?
                .into_temp_path()
                .persist(path)
                .map_err(io::Error::from),
            Self::Named(file) => {
                debug_assert!(file.path().starts_with(folder));
                file.persist(path).map(drop).map_err(io::Error::from)
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod unnamed {
    use std::{
        fs::{File, OpenOptions},
        io,
        os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
        path::{Path, PathBuf},
    };

    use rustix::{
        fs::{AtFlags, CWD, OFlags, linkat},
        io::Errno,
    };

    /// `None`: the file system has none, or they could not be named later.
    pub(super) fn new_in(folder: &Path) -> io::Result<Option<File>> {
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::TMPFILE.bits().cast_signed())
            .mode(0o600)
            .open(folder);
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                let errno = Errno::from_io_error(&error);
                // What kernels and file systems say that do not know the flag.
                let unknown = [Errno::OPNOTSUPP, Errno::ISDIR, Errno::NOENT, Errno::INVAL];
                return match errno {
                    Some(errno) if unknown.contains(&errno) => Ok(None),
                    _ => Err(error),
                };
            }
        };
        Ok(link_of(&file).exists().then_some(file))
    }

    /// Refused where there is something.
    pub(super) fn link(file: &File, name: &Path) -> io::Result<()> {
        linkat(CWD, link_of(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?;
        Ok(())
    }

    fn link_of(file: &File) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, os::unix::fs::PermissionsExt};

    use super::*;

    fn drafts(folder: &Path) -> Vec<Draft> {
        vec![
            Draft::new_in(folder).unwrap(),
            Draft::named_in(folder).unwrap(),
        ]
    }

    #[test]
    fn a_new_name_takes_nothing_from_what_has_it() {
        let root = tempfile::tempdir().unwrap();
        let names = || fs::read_dir(root.path()).unwrap().count();
        for (number, draft) in drafts(root.path()).into_iter().enumerate() {
            let taken = root.path().join(number.to_string());
            fs::write(&taken, "there").unwrap();
            let error = draft.put_new(&taken).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(&taken).unwrap(), b"there");
        }
        assert_eq!(names(), 2);
        for (number, draft) in drafts(root.path()).into_iter().enumerate() {
            let free = root.path().join(format!("free-{number}"));
            (&mut draft.file()).write_all(b"new").unwrap();
            draft.put_new(&free).unwrap();
            assert_eq!(fs::read(&free).unwrap(), b"new");
            let mode = free.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(names(), 4);
    }

    #[test]
    fn it_takes_the_name_of_another_and_not_its_file() {
        let root = tempfile::tempdir().unwrap();
        for draft_in in [Draft::new_in, Draft::named_in] {
            let draft = draft_in(root.path()).unwrap();
            let (place, other) = (root.path().join("place"), root.path().join("other"));
            fs::write(&place, "there").unwrap();
            fs::hard_link(&place, &other).unwrap();
            (&mut draft.file()).write_all(b"new").unwrap();
            draft.put_over(&place, root.path()).unwrap();
            assert_eq!(fs::read(&place).unwrap(), b"new");
            assert_eq!(fs::read(&other).unwrap(), b"there");
            assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
            fs::remove_file(other).unwrap();
        }
    }
}
