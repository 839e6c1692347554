//! Secrets, in the configuration itself or in files of their own. What is found is never repeated.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::config::{
    problem::Origin,
    reader::{Mistake, text},
    tree::Node,
    written::Hidden,
};

/// Longer than any.
const LONGEST: u64 = 64 * 1024;

/// A secret, and the file that it is in, if it is in one.
pub(super) type Kept = (Hidden, Option<PathBuf>);

/// The value is the secret.
pub(super) fn here(node: &Node) -> Result<Kept, Vec<Mistake>> {
    let secret = text(node).map_err(|_| Mistake::one("expected a text that is not empty", None))?;
    let file = match &node.origin {
        Origin::File { path, .. } => Some(path.clone()),
        _ => None,
    };
    Ok((Hidden(secret), file))
}

/// The value is the path of a file that holds nothing else.
pub(super) fn in_file(node: &Node) -> Result<Kept, Vec<Mistake>> {
    let path = text(node)?;
    let read = read(Path::new(&path));
    let read = read.map_err(|error| Mistake::one(format!("{path}: {error}"), None))?;
    let secret = read.strip_suffix('\n').unwrap_or(&read);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() {
        return Err(Mistake::one(format!("{path} is empty"), None));
    }
    Ok((Hidden(secret.to_owned()), Some(PathBuf::from(path))))
}

fn read(path: &Path) -> io::Result<String> {
    let mut secret = String::new();
    let read = File::open(path)?
        .take(LONGEST + 1)
        .read_to_string(&mut secret)?;
    match read as u64 > LONGEST {
        true => Err(io::Error::other("it is too large to hold a secret")),
        false => Ok(secret),
    }
}
