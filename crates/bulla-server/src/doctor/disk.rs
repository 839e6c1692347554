//! The disk that the data folder is on.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{Duration, Instant},
};

use bulla_core::ports::Entropy;

use super::{Area, Check, Code, Finding, check::Seen};
use crate::issuer::OperatingSystemEntropy;

const MIB: u64 = 1 << 20;
const FULL: u64 = 64 * MIB;
const NEARLY_FULL: u64 = 1024 * MIB;

/// A disk that takes longer lets fewer than a hundred commits through in a second;
const SLOW: Duration = Duration::from_millis(50);

/// Writes that are tried. The median counts: the first may wait for what others wrote.
const WRITES: usize = 5;

/// The disk of this folder.
#[must_use]
pub fn disk(folder: &Path) -> Check {
    let folder = folder.to_owned();
    Check::blocking(Area::Disk, move || look(&folder))
}

/// What a disk is like.
struct Disk {
    free: u64,
    kind: Kind,
    /// How long it takes until a write is safe on it; or why none is.
    write: io::Result<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Local,
    Remote(&'static str),
    Volatile(&'static str),
}

fn look(folder: &Path) -> Seen {
    if !folder.exists() {
        return ("no data folder".to_owned(), Vec::new());
    }
    let disk = space(folder).map(|(free, kind)| Disk {
        free,
        kind,
        write: write(folder),
    });
    match disk {
        Ok(disk) => (disk.seen(), disk.findings(folder)),
        Err(error) => {
            let detail = format!("{}: {error}", folder.display());
            (
                detail.clone(),
                vec![Finding::new(Code::FolderUnwritable, detail)],
            )
        }
    }
}

impl Disk {
    fn seen(&self) -> String {
        let free = mebibytes(self.free);
        match &self.write {
            Ok(took) => format!("{free} free, a write is safe after {took:.1?}"),
            Err(_) => format!("{free} free"),
        }
    }

    fn findings(&self, folder: &Path) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
        let shown = folder.display();
        let free = || format!("{} are free for {shown}", mebibytes(self.free));
        if self.free < FULL {
            find(Code::DiskFull, free());
        } else if self.free < NEARLY_FULL {
            find(Code::DiskNearlyFull, free());
        }
        match self.kind {
            Kind::Local => {}
            Kind::Remote(name) => find(Code::DiskRemote, format!("{shown} is on {name}")),
            Kind::Volatile(name) => find(Code::DiskVolatile, format!("{shown} is on {name}")),
        }
        match &self.write {
            Ok(took) if *took > SLOW => {
                find(Code::DiskSlow, format!("a write is safe after {took:.1?}"));
            }
            Ok(_) => {}
            Err(error) => find(Code::FolderUnwritable, format!("{shown}: {error}")),
        }
        findings
    }
}

fn space(folder: &Path) -> io::Result<(u64, Kind)> {
    let space = rustix::fs::statvfs(folder)?;
    Ok((space.f_bavail.saturating_mul(space.f_frsize), kind(folder)?))
}

/// Writes a page and waits until it is safe, to a file that has no name any more: nothing is left, however this ends.
fn write(folder: &Path) -> io::Result<Duration> {
    let mut name = [0; 8];
    OperatingSystemEntropy.fill(&mut name);
    let path = folder.join(format!("doctor-{:016x}", u64::from_be_bytes(name)));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    fs::remove_file(&path)?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_all()?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(times[WRITES / 2])
}

#[cfg(target_os = "linux")]
fn kind(folder: &Path) -> io::Result<Kind> {
    let magic = rustix::fs::statfs(folder)?.f_type;
    Ok(kind_of(u32::try_from(magic).unwrap_or_default()))
}

#[cfg(not(target_os = "linux"))]
fn kind(_folder: &Path) -> io::Result<Kind> {
    Ok(Kind::Local)
}

/// By the numbers of Linux's `statfs(2)`.
#[cfg(target_os = "linux")]
fn kind_of(magic: u32) -> Kind {
    match magic {
        0x6969 => Kind::Remote("NFS"),
        0x517B | 0xFE53_4D42 | 0xFF53_4D42 => Kind::Remote("SMB"),
        0x5346_414F => Kind::Remote("AFS"),
        0x0102_1997 => Kind::Remote("9P"),
        0x0102_1994 => Kind::Volatile("tmpfs"),
        0x8584_58F6 => Kind::Volatile("ramfs"),
        _ => Kind::Local,
    }
}

fn mebibytes(bytes: u64) -> String {
    let mebibytes = bytes / MIB;
    match mebibytes / 1024 {
        0 => format!("{mebibytes} MiB"),
        gibibytes => format!("{gibibytes} GiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::testing::found;

    fn check(change: impl FnOnce(&mut Disk), codes: &[Code]) {
        let mut disk = Disk {
            free: NEARLY_FULL,
            kind: Kind::Local,
            write: Ok(SLOW),
        };
        change(&mut disk);
        found(&disk.findings(Path::new("bulla-data")), codes);
    }

    #[test]
    fn room_speed_and_place_are_judged() {
        check(|_| {}, &[]);
        check(|disk| disk.free = FULL, &[Code::DiskNearlyFull]);
        check(|disk| disk.free = FULL - 1, &[Code::DiskFull]);
        check(|disk| disk.kind = Kind::Remote("NFS"), &[Code::DiskRemote]);
        check(
            |disk| disk.kind = Kind::Volatile("tmpfs"),
            &[Code::DiskVolatile],
        );
        let slow = SLOW + Duration::from_millis(1);
        check(|disk| disk.write = Ok(slow), &[Code::DiskSlow]);
        let full = io::ErrorKind::StorageFull;
        check(
            |disk| disk.write = Err(full.into()),
            &[Code::FolderUnwritable],
        );
    }

    #[test]
    fn looking_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (seen, _) = look(folder.path());
        assert!(seen.contains("a write is safe after"), "{seen}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_folder_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bulla-data");
        fs::write(&file, "").unwrap();
        let (_, findings) = look(&file);
        assert!(
            findings
                .iter()
                .any(|one| one.code == Code::FolderUnwritable),
            "{findings:?}"
        );
        found(&look(&folder.path().join("nothing")).1, &[]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn file_systems_are_known_by_their_numbers() {
        assert_eq!(kind_of(0x6969), Kind::Remote("NFS"));
        assert_eq!(kind_of(0x0102_1994), Kind::Volatile("tmpfs"));
        assert_eq!(kind_of(0xEF53), Kind::Local);
    }
}
