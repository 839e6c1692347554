//! Files of which nobody needs much: keys, key sets, a few parameters.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, ensure};
use zeroize::Zeroizing;

/// More than any of them has.
const MOST: u64 = 48 * 1024;

/// All of the file.
///
/// # Errors
/// It cannot be read, or is longer than 48 KiB.
pub(crate) fn read(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let read = File::open(path).map_err(anyhow::Error::from);
    let read = read.and_then(read_from);
    read.with_context(|| format!("{} cannot be read", path.display()))
}

/// The same from somewhere else.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_from(input: impl Read) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    input.take(MOST + 1).read_to_end(&mut bytes)?;
    ensure!(
        bytes.len() as u64 <= MOST,
        "it has more than {} KiB",
        MOST / 1024
    );
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn no_more_is_read_than_such_a_file_has() {
        let most = usize::try_from(MOST).unwrap();
        assert_eq!(read_from(io::repeat(7).take(MOST)).unwrap().len(), most);
        let error = read_from(io::repeat(7)).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 48 KiB");
        let error = read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "/dev/zero cannot be read: it has more than 48 KiB"
        );
    }
}
