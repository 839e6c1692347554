//! The public listener's certificate, from its files.

use std::{fmt::Display, fs, path::PathBuf, sync::Arc};

use bulla_gateway::tls::{Certificate, Tls};
use bulla_server::config::{self, Config, ConfigError, Written};
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::changes::Changes;

/// Reads the files that a configuration names, if it names any.
///
/// # Errors
/// They are no certificate with its key.
pub(crate) fn check(config: &Config) -> Result<(), ConfigError> {
    config
        .tls
        .as_ref()
        .map_or(Ok(()), |tls| read(tls).map(drop))
}

/// What encrypts the listener, with the certificate as it is in its files from now on.
pub(super) struct Encryption {
    pub(super) tls: Arc<Tls>,
    /// Reads the files again; it goes on until it is told to end.
    pub(super) reloading: JoinHandle<()>,
}

/// Reads the files and watches them.
///
/// # Errors
/// They are no certificate with its key; the system lets nobody listen for signals.
pub(super) fn start(settings: &config::Tls) -> anyhow::Result<Encryption> {
    let files = [&settings.certificate, &settings.key];
    let changes = Changes::of(files.map(|file| PathBuf::from(&file.value)))?;
    let tls = Arc::new(Tls::new(read(settings)?, settings.hsts)?);
    let reloading = tokio::spawn(reload(Arc::clone(&tls), settings.clone(), changes));
    Ok(Encryption { tls, reloading })
}

async fn reload(tls: Arc<Tls>, settings: config::Tls, mut changes: Changes) {
    loop {
        changes.next().await;
        match read(&settings) {
            Ok(certificate) => {
                tls.replace(certificate);
                tracing::info!(
                    certificate = settings.certificate.value,
                    "the certificate was read again"
                );
            }
            Err(problem) => {
                tracing::error!(%problem, "the certificate was not replaced: the old one stays");
            }
        }
    }
}

/// Reads the files.
///
/// # Errors
/// They are no certificate with its key.
pub(super) fn read(settings: &config::Tls) -> Result<Certificate, ConfigError> {
    let chain = contents(&settings.certificate)?;
    let key = contents(&settings.key)?;
    Certificate::from_pem(&chain, &key).map_err(|error| {
        let file = if error.is_about_the_key() {
            &settings.key
        } else {
            &settings.certificate
        };
        unusable(file, error)
    })
}

fn contents(file: &Written) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let read = fs::read(&file.value).map(Zeroizing::new);
    read.map_err(|error| unusable(file, format_args!("cannot be read: {error}")))
}

fn unusable(file: &Written, why: impl Display) -> ConfigError {
    let problem = file.problem(format!("{}: {why}", file.value), None);
    ConfigError::Invalid(vec![problem])
}
