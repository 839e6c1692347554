//! Putting an issuer together at the start of a process.

use std::sync::Arc;

use bulla_core::{
    administration::AdministrationService,
    anonymous::AnonymousService,
    authentication::AuthenticationService,
    client::ClientService,
    key::ring::{KeyRing, OpenKeyRingError},
    ports::{Ports, RevocationSink},
    store::StoreError,
    token::ACCESS_TOKEN_TYPE,
};
use bulla_guard::{keys::KeySet, verifier::Verifier};
use bulla_jose::jwt::{Audience, Issuer as TokenIssuer, NobodyNamed, VerificationPolicy};

use super::{Issuer, IssuerParts, IssuerSettings, MailDesk, revocations::InProcess};
use crate::{guessing::Guessing, mail::NoMail};

/// Raising it ends every refresh token that was ever handed out.
const REFRESH_KEY_VERSION: u32 = 1;

/// Why an issuer could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The signing keys cannot be used.
    #[error(transparent)]
    Keys(#[from] OpenKeyRingError),
    /// The tokens would name no issuer or no audience.
    #[error("the issuer and the audience of tokens {0}")]
    Names(#[from] NobodyNamed),
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
            revocations,
            trusted_issuers,
            abuse,
            hasher,
            mailer,
            clock,
            entropy,
            master_key,
        } = parts;
        let keys = KeyRing::open(&*store, &master_key, settings.algorithm, &*entropy, &*clock);
        let keys = Arc::new(keys.await?);
        // Before the first token is signed.
        let lifetime = settings.authentication.tokens.access_lifetime;
        store.note_access_lifetime(lifetime).await?;
        // Read after the store was opened: what is revoked from now on, the store publishes itself.
        InProcess::new(Arc::clone(&revocations)).publish(&store.revocations(0, clock.now()).await?);

        let policy = policy(&settings)?;
        let key_set = Arc::new(KeySet::fixed(keys.verifying_keys()));
        let mail_desk = mailer.is_some().then(|| MailDesk::new(Arc::clone(&clock)));
        let ports = Ports {
            store: Arc::clone(&store),
            hasher,
            mailer: mailer.unwrap_or_else(|| Arc::new(NoMail)),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        let rules = || settings.authentication.clone();
        let administration = AdministrationService::new(ports.clone(), rules());
        let clients = ClientService::new(ports.clone(), Arc::clone(&keys), rules());
        let authentication = AuthenticationService::new(
            ports,
            Arc::clone(&keys),
            master_key.derive_refresh_key(REFRESH_KEY_VERSION),
            master_key.derive_link_key(),
            rules(),
        );
        let challenges = master_key.derive_challenge_key();
        let anonymous = settings.anonymous.then(|| {
            let tokens = settings.authentication.tokens.clone();
            let (clock, entropy) = (Arc::clone(&clock), Arc::clone(&entropy));
            AnonymousService::new(clock, entropy, Arc::clone(&keys), challenges, tokens)
        });
        let verifier = Verifier::new(key_set, policy, revocations).trusting(trusted_issuers);
        Ok(Arc::new(Self {
            authentication,
            clients,
            administration,
            mail_desk,
            anonymous,
            keys,
            verifier: Arc::new(cached(verifier, &settings)),
            guessing: Guessing::new(Arc::clone(&abuse)),
            abuse,
            store,
            clock,
            entropy,
            settings,
        }))
    }
}

fn cached(verifier: Verifier, settings: &IssuerSettings) -> Verifier {
    match settings.verification_cache {
        Some(bytes) => verifier.with_cache(bytes),
        None => verifier,
    }
}

/// What this issuer's own tokens are.
fn policy(settings: &IssuerSettings) -> Result<VerificationPolicy, NobodyNamed> {
    let tokens = &settings.authentication.tokens;
    Ok(VerificationPolicy::new(
        TokenIssuer::new(tokens.issuer.as_str())?,
        Audience::new(tokens.audience.as_str())?,
        &[ACCESS_TOKEN_TYPE],
        &[settings.algorithm],
    ))
}
