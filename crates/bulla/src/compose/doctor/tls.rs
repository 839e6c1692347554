//! The certificate of the public listener.

use std::time::Duration;

use bulla_core::time::Timestamp;
use bulla_gateway::tls::Shortcoming;
use bulla_server::{
    config::{Config, Tls},
    doctor::{Area, Check, Code, Finding, Seen},
};
use http::uri::Authority;
use jiff::Timestamp as Date;

use crate::compose::tls;

/// Whoever renews certificates does it long before: those that live 90 days after 60, those that live 6 days after 3.
const SOON: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The certificate in the files that a configuration names; `None`: it names none.
pub(super) fn certificate(config: &Config, now: Timestamp) -> Option<Check> {
    let tls = config.tls.clone()?;
    let authority = config.public_url.authority().parse::<Authority>();
    let host = authority.map_or_else(|_| String::new(), |authority| authority.host().to_owned());
    let now = now.since(Timestamp::from_millis(0));
    Some(Check::blocking(Area::Tls, move || {
        look(&tls, host.trim_matches(['[', ']']), now)
    }))
}

fn look(settings: &Tls, host: &str, now: Duration) -> Seen {
    let file = settings.certificate.value.clone();
    match tls::read(settings) {
        Ok(certificate) => {
            let shortcomings = certificate.shortcomings(host, now, SOON);
            let findings = shortcomings
                .into_iter()
                .map(|one| finding(&file, host, one));
            (format!("{file}, for {host}"), findings.collect())
        }
        Err(error) => (
            file,
            vec![Finding::new(Code::TlsUnusable, error.to_string())],
        ),
    }
}

fn finding(file: &str, host: &str, shortcoming: Shortcoming) -> Finding {
    let (code, detail) = match shortcoming {
        Shortcoming::Expired { at } => (Code::TlsExpired, format!("{file} ended {}", date(at))),
        Shortcoming::ExpiresSoon { at } => {
            (Code::TlsExpiresSoon, format!("{file} ends {}", date(at)))
        }
        Shortcoming::NotYetValid { at } => {
            (Code::TlsNotYetValid, format!("{file} begins {}", date(at)))
        }
        Shortcoming::OtherName { names } => {
            let names = names.join(", ");
            (
                Code::TlsNameOther,
                format!("{file} is for {names}, clients come to {host}"),
            )
        }
        Shortcoming::Untrusted { reason } => (Code::TlsUntrusted, format!("{file}: {reason}")),
    };
    Finding::new(code, detail)
}

fn date(seconds: u64) -> String {
    let date = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Date::from_second(seconds).ok());
    date.unwrap_or_default().to_string()
}
