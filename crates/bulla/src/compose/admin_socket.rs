//! The admin API on a socket in the data folder: whoever may open the file may do everything.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use tokio::net::UnixListener;

/// A bound socket; its file goes when this is dropped.
pub(super) struct SocketFile(PathBuf);

/// Binds the socket, mode 0600. Call it only while holding the data folder: a socket that is there
/// is then left over from a process that was killed.
///
/// # Errors
/// The socket cannot be made, or something else is in its place, which stays.
pub(super) fn bind(path: &Path) -> anyhow::Result<(UnixListener, SocketFile)> {
    let shown = path.display();
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {
            fs::remove_file(path).with_context(|| format!("{shown} cannot be replaced"))?;
        }
        Ok(_) => bail!("{shown} is in the way: it is no socket of a server; move it elsewhere"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("{shown} cannot be replaced")),
    }
    // The folder is closed to others (0700), so nobody slips in before the mode is set.
    let listener = UnixListener::bind(path)
        .and_then(|listener| {
            fs::set_permissions(path, Permissions::from_mode(0o600))?;
            Ok(listener)
        })
        .with_context(|| format!("{shown} cannot be made"))?;
    Ok((listener, SocketFile(path.to_owned())))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the admin socket stays behind");
        }
    }
}
