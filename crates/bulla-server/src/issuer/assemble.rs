//! Putting an issuer together at the start of a process.

use std::sync::Arc;

use bulla_core::{
    accounts::{AccountPorts, AccountService, AccountSettings},
    authentication::{AuthenticationPorts, AuthenticationService},
    key::ring::{KeyRing, OpenKeyRingError},
    ports::RevocationSink,
    store::StoreError,
    token::ACCESS_TOKEN_TYPE,
};
use bulla_guard::{keys::KeySet, revocation::RevocationSet, verifier::Verifier};
use bulla_jose::jwt::VerificationPolicy;

use super::{Issuer, IssuerParts, IssuerSettings, revocations::InProcess};

/// Raising it ends every refresh token that was ever handed out.
const REFRESH_KEY_VERSION: u32 = 1;

/// Why an issuer could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The signing keys cannot be used.
    #[error(transparent)]
    Keys(#[from] OpenKeyRingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Issuer {
    /// Opens the signing keys (making them on the first start) and reads the live revocations, so
    /// that what was revoked before a restart stays so.
    ///
    /// # Errors
    /// [`AssembleError`].
    pub async fn assemble(
        parts: IssuerParts,
        settings: IssuerSettings,
    ) -> Result<Arc<Self>, AssembleError> {
        let IssuerParts {
            store,
            hasher,
            clock,
            entropy,
            master_key,
        } = parts;
        let keys = KeyRing::open(&*store, &master_key, settings.algorithm, &*entropy, &*clock);
        let keys = Arc::new(keys.await?);
        let revocations = Arc::new(RevocationSet::new());
        let sink: Arc<dyn RevocationSink> = Arc::new(InProcess(Arc::clone(&revocations)));
        sink.publish(&store.revocations(0, clock.now()).await?);

        let tokens = &settings.authentication.tokens;
        let policy = VerificationPolicy::new(
            tokens.issuer.clone(),
            tokens.audience.clone(),
            &[ACCESS_TOKEN_TYPE],
            &[settings.algorithm],
        );
        let key_set = Arc::new(KeySet::fixed(keys.verifying_keys()));
        let accounts = AccountService::new(
            AccountPorts {
                store: Arc::clone(&store),
                hasher: Arc::clone(&hasher),
                revocations: Arc::clone(&sink),
                clock: Arc::clone(&clock),
                entropy: Arc::clone(&entropy),
            },
            AccountSettings {
                tokens: tokens.clone(),
                password: settings.authentication.password,
            },
        );
        let authentication = AuthenticationService::new(
            AuthenticationPorts {
                store: Arc::clone(&store),
                hasher,
                revocations: sink,
                clock: Arc::clone(&clock),
                entropy: Arc::clone(&entropy),
                keys: Arc::clone(&keys),
                refresh_key: master_key.derive_refresh_key(REFRESH_KEY_VERSION),
            },
            settings.authentication.clone(),
        );
        let verifier = Arc::new(Verifier::new(key_set, policy, revocations));
        Ok(Arc::new(Self {
            authentication,
            accounts,
            keys,
            verifier,
            store,
            clock,
            entropy,
            settings,
        }))
    }
}
