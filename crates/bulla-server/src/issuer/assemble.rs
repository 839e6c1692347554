//! Putting an issuer together at the start of a process.

use std::{sync::Arc, time::Duration};

use bulla_core::{
    administration::AdministrationService,
    anonymous::AnonymousService,
    authentication::AuthenticationService,
    client::ClientService,
    key::service::KeysError,
    ports::{Clock, Ports, RevocationSink},
    session::refresh_token::RefreshKeys,
    store::{Store, StoreError},
    token::ACCESS_TOKEN_TYPE,
};
use bulla_guard::verifier::Verifier;
use bulla_jose::jwt::{Audience, Issuer as TokenIssuer, NobodyNamed, VerificationPolicy};

use super::{Issuer, IssuerParts, IssuerSettings, MailDesk, live_keys, revocations::InProcess};
use crate::{guessing::Guessing, mail::NoMail};

/// Why an issuer could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The signing keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
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
        let (keys, key_set) = live_keys::open(&parts, &settings).await?;
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
        let rules = settings.authentication.clone();
        catch_up(&*store, &revocations, rules.tokens.access_lifetime, &*clock).await?;
        let mail_desk = mailer.is_some().then(MailDesk::new);
        let ports = Ports {
            store: Arc::clone(&store),
            hasher,
            mailer: mailer.unwrap_or_else(|| Arc::new(NoMail)),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        let administration = AdministrationService::new(ports.clone(), rules.clone());
        let clients = ClientService::new(ports.clone(), Arc::clone(keys.ring()), rules.clone());
        let authentication = AuthenticationService::new(
            ports,
            Arc::clone(keys.ring()),
            RefreshKeys::new(master_key.clone()),
            master_key.derive_link_key(),
            rules,
        );
        let challenges = master_key.derive_challenge_key();
        let tokens = settings.authentication.tokens.clone();
        let anonymous = settings.anonymous.then(|| {
            let (clock, entropy) = (Arc::clone(&clock), Arc::clone(&entropy));
            AnonymousService::new(clock, entropy, Arc::clone(keys.ring()), challenges, tokens)
        });
        let heeded = Arc::clone(revocations.set());
        let verifier = Verifier::new(key_set, policy(&settings)?, heeded);
        Ok(Arc::new(Self {
            authentication,
            clients,
            administration,
            mail_desk,
            anonymous,
            keys,
            verifier: Arc::new(cached(verifier.trusting(trusted_issuers), &settings)),
            revocations,
            guessing: Guessing::new(Arc::clone(&abuse)),
            abuse,
            store,
            clock,
            entropy,
            settings,
        }))
    }
}

/// Before the first token is signed: says how long it will live, and reads what is revoked. The store is open by then, so
/// what is revoked from now on, it publishes itself.
async fn catch_up(
    store: &dyn Store,
    revocations: &InProcess,
    access_lifetime: Duration,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    store.note_access_lifetime(access_lifetime).await?;
    let live = store.revocations(0, clock.now()).await?;
    revocations.publish(&live);
    Ok(())
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
    Ok(VerificationPolicy::for_keys_of_ours(
        TokenIssuer::new(tokens.issuer.as_str())?,
        Audience::new(tokens.audience.as_str())?,
        &[ACCESS_TOKEN_TYPE],
    ))
}
