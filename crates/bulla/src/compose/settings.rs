//! From the configuration's sections to the settings of the parts, field by field.

use bulla_core::{
    account::PasswordPolicy,
    authentication::{AuthenticationSettings, SessionSettings},
    token::TokenSettings,
};
use bulla_server::{
    config::{self, Config, values::HttpOrigin},
    issuer::IssuerSettings,
};

/// The issuer's settings.
pub(super) fn issuer(config: &Config) -> IssuerSettings {
    IssuerSettings {
        public_url: config.public_url.clone(),
        algorithm: config.tokens.algorithm,
        authentication: AuthenticationSettings {
            tokens: tokens(&config.tokens),
            session: session(&config.session),
            password: PasswordPolicy {
                min_length: usize::try_from(config.password.min_length).unwrap_or(usize::MAX),
            },
        },
    }
}

/// Port 0 asks the system for a free port: then the names that were derived from the address are
/// those of the port that was given.
///
/// # Errors
/// The address is no origin.
pub(super) fn name_the_port(config: &mut Config, bound: &str) -> anyhow::Result<()> {
    let asked = format!("http://{}", config.listen.public);
    if config.tokens.issuer == asked {
        bound.clone_into(&mut config.tokens.issuer);
    }
    if config.public_url.as_str() == asked {
        config.public_url = bound.parse::<HttpOrigin>()?;
    }
    Ok(())
}

fn tokens(tokens: &config::Tokens) -> TokenSettings {
    TokenSettings {
        issuer: tokens.issuer.clone(),
        audience: tokens.audience.clone(),
        access_lifetime: tokens.access_lifetime,
        profile_claims: tokens.profile_claims.clone(),
    }
}

fn session(session: &config::Session) -> SessionSettings {
    SessionSettings {
        settle: session.settle,
        idle: session.idle,
        absolute: session.absolute,
        max_per_user: session.max_per_user.get(),
    }
}
