//! The issuer of this machine: data folder held, database open, keys unwrapped.

use std::{num::NonZeroUsize, sync::Arc, thread};

use anyhow::Context;
use bulla_core::ports::{Entropy, Mailer};
use bulla_guard::{abuse::AbuseLedger, issuer::TrustedIssuer};
use bulla_server::{
    bans::Bans,
    config::Config,
    data_folder::{DataFolder, MasterKeySource},
    hashing::HashingPool,
    issuer::{InProcess, Issuer, IssuerParts, OperatingSystemEntropy},
};

use super::{
    environment, settings,
    store::{self, OpenStore},
};

/// How many password hashes may wait for each thread that makes them: about a second's work.
const WAITING_HASHES: usize = 32;

/// An issuer, and what must outlive it.
pub(crate) struct LocalIssuer {
    /// The issuer.
    pub(crate) issuer: Arc<Issuer>,
    /// Its store.
    pub(crate) store: OpenStore,
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
    let revocations = InProcess::default();
    let (master_key, store) = OpenStore::open(config, &folder, &revocations).await?;
    let entropy: Arc<dyn Entropy> = Arc::new(OperatingSystemEntropy);
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let queue = threads.get() * WAITING_HASHES;
    let hasher = HashingPool::start(threads, queue, Arc::clone(&entropy))
        .context("the system has no threads left to hash passwords on")?;
    let abuse = Arc::new(AbuseLedger::new(settings::spared(config)));
    let clock = store.clock();
    let bans = Bans::open(
        &folder,
        Arc::clone(&abuse),
        Arc::clone(&clock),
        store.port(),
    )?;
    let parts = IssuerParts {
        store: store.port(),
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

fn not_together(folder: &DataFolder, config: &Config) -> String {
    let source = MasterKeySource::from_environment(&environment());
    let source = source.unwrap_or(MasterKeySource::DataFolder);
    let master_key = source.name(folder.path());
    format!("{} cannot be used with {master_key}", store::name(config))
}
