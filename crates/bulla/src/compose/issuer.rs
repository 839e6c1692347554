//! The issuer of this machine: data folder held, database open, keys unwrapped.

use std::{num::NonZeroUsize, sync::Arc, thread};

use anyhow::Context;
use bulla_core::{
    key::wrap::MasterKey,
    ports::{Entropy, Mailer},
    store::Store,
};
use bulla_guard::{abuse::AbuseLedger, issuer::TrustedIssuer, revocation::RevocationSet};
use bulla_server::{
    bans::Bans,
    config::Config,
    data_folder::{DataFolder, MasterKeySource},
    hashing::HashingPool,
    issuer::{InProcess, Issuer, IssuerParts, OperatingSystemEntropy, SystemClock},
    store::sqlite::SqliteStore,
};

use super::{data, environment, settings};

/// How many password hashes may wait for each thread that makes them: about a second's work.
const WAITING_HASHES: usize = 32;

/// An issuer, and what must outlive it.
pub(crate) struct LocalIssuer {
    /// The issuer.
    pub(crate) issuer: Arc<Issuer>,
    /// Its store.
    pub(crate) store: Arc<SqliteStore>,
    /// Who is banned.
    pub(crate) bans: Arc<Bans>,
    /// The data folder, held.
    pub(crate) folder: DataFolder,
}

/// Puts the issuer together on a data folder that this process holds. Its verifier also trusts these issuers, and its
/// letters are sent by this mailer.
///
/// # Errors
/// The master key or the database is missing or damaged, or they do not belong together. Nothing
/// was overwritten.
pub(crate) async fn open(
    config: &Config,
    folder: DataFolder,
    trusted_issuers: Vec<TrustedIssuer>,
    mailer: Option<Arc<dyn Mailer>>,
) -> anyhow::Result<LocalIssuer> {
    let revocations = Arc::default();
    let (master_key, store) = open_store(config, &folder, &revocations)?;
    let store = Arc::new(store);
    let entropy: Arc<dyn Entropy> = Arc::new(OperatingSystemEntropy);
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let queue = threads.get() * WAITING_HASHES;
    let hasher = HashingPool::start(threads, queue, Arc::clone(&entropy))
        .context("the system has no threads left to hash passwords on")?;
    let abuse = Arc::new(AbuseLedger::new(settings::spared(config)));
    let clock = Arc::new(SystemClock);
    let bans = Bans::open(&folder, Arc::clone(&abuse), Arc::clone(&clock) as _)?;
    let parts = IssuerParts {
        store: Arc::clone(&store) as Arc<dyn Store>,
        revocations,
        trusted_issuers,
        abuse,
        hasher: Arc::new(hasher),
        mailer,
        clock,
        entropy,
        master_key,
    };
    let issuer = Issuer::assemble(parts, settings::issuer(config))
        .await
        .with_context(|| not_together(&folder, config))?;
    Ok(LocalIssuer {
        issuer,
        store,
        bans,
        folder,
    })
}

/// Opens the database and brings it up to this version; whatever is revoked from now on goes into
/// `revocations`. The master key comes first: a database
/// without its key would look as if the key had been lost.
///
/// # Errors
/// One of them is missing or damaged. Nothing was overwritten.
pub(crate) fn open_store(
    config: &Config,
    folder: &DataFolder,
    revocations: &Arc<RevocationSet>,
) -> anyhow::Result<(MasterKey, SqliteStore)> {
    let database = data::database_path(config);
    let source = MasterKeySource::from_environment(&environment())?;
    let master_key = folder.master_key(&source, database, &OperatingSystemEntropy)?;
    let sink = Arc::new(InProcess::new(Arc::clone(revocations)));
    Ok((master_key, SqliteStore::open(database, sink)?))
}

fn not_together(folder: &DataFolder, config: &Config) -> String {
    format!(
        "{} cannot be used with {}/master.key",
        data::database_path(config).display(),
        folder.path().display()
    )
}
