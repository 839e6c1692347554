//! What keeps clients from accepting a certificate.

use std::time::Duration;

use rustls_pki_types::{ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, Error, RootCertStore,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    crypto::aws_lc_rs,
    server::ParsedCertificate,
};

use super::Certificate;

/// What keeps clients from accepting a certificate, or will. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortcoming {
    /// It was good until then.
    Expired {
        /// When it ended.
        at: u64,
    },
    /// It is good, and will not be for long.
    ExpiresSoon {
        /// When it ends.
        at: u64,
    },
    /// It will be good from then on.
    NotYetValid {
        /// When it begins.
        at: u64,
    },
    /// It is not for this name.
    OtherName {
        /// What it is for.
        names: Vec<String>,
    },
    /// It leads to no authority that this machine trusts.
    Untrusted {
        /// Why.
        reason: String,
    },
}

impl Certificate {
    /// What keeps clients from accepting it for this name, or will within `soon`. Authorities are those of this machine; if it
    /// has none, nothing is said about them.
    #[must_use]
    pub fn shortcomings(&self, name: &str, now: Duration, soon: Duration) -> Vec<Shortcoming> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let (now, soon) = (
            UnixTime::since_unix_epoch(now),
            UnixTime::since_unix_epoch(now + soon),
        );
        self.judged(name, now, soon, &roots)
    }

    fn judged(
        &self,
        name: &str,
        now: UnixTime,
        soon: UnixTime,
        roots: &RootCertStore,
    ) -> Vec<Shortcoming> {
        let [end_entity, intermediates @ ..] = self.0.cert.as_slice() else {
            return Vec::new();
        };
        // What cannot be parsed was refused when it was read.
        let Ok(parsed) = ParsedCertificate::try_from(end_entity) else {
            return Vec::new();
        };
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        let chain = |time| {
            let all = algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, time, all)
        };
        let mut found = Vec::new();
        let now = chain(now);
        match now.as_ref().err().and_then(of_time) {
            Some(shortcoming) => found.push(shortcoming),
            // Its own end is looked at before its issuer is looked for.
            None => found.extend(will_end(&chain(soon))),
        }
        if let Err(error) = now
            && of_time(&error).is_none()
            && !roots.is_empty()
        {
            let reason = error.to_string();
            found.push(Shortcoming::Untrusted { reason });
        }
        let server = ServerName::try_from(name);
        let verified = server.map(|server| verify_server_name(&parsed, &server));
        if let Ok(Err(Error::InvalidCertificate(error))) = verified {
            let names = match error {
                CertificateError::NotValidForNameContext { presented, .. } => presented,
                _ => Vec::new(),
            };
            found.push(Shortcoming::OtherName { names });
        }
        found
    }
}

fn of_time(error: &Error) -> Option<Shortcoming> {
    match error {
        Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) => {
            Some(Shortcoming::Expired {
                at: not_after.as_secs(),
            })
        }
        Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. }) => {
            Some(Shortcoming::NotYetValid {
                at: not_before.as_secs(),
            })
        }
        _ => None,
    }
}

fn will_end(later: &Result<(), Error>) -> Option<Shortcoming> {
    match later.as_ref().map_err(of_time) {
        Err(Some(Shortcoming::Expired { at })) => Some(Shortcoming::ExpiresSoon { at }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = include_str!("../../tests/it/tls/pem/first.crt");
    const KEY: &str = include_str!("../../tests/it/tls/pem/first.key");
    /// The certificate is good from then …
    const BEGIN: u64 = 1_577_836_800;
    /// … until then.
    const END: u64 = 4_733_510_400;
    const SOON: u64 = 14 * 24 * 60 * 60;

    fn found(name: &str, now: u64, trusted: bool) -> Vec<Shortcoming> {
        let certificate = Certificate::from_pem(CHAIN.as_bytes(), KEY.as_bytes()).unwrap();
        let mut roots = RootCertStore::empty();
        if trusted {
            roots.add(certificate.0.cert[0].clone()).unwrap();
        }
        let time = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        certificate.judged(name, time(now), time(now + SOON), &roots)
    }

    #[test]
    fn in_its_time_and_for_its_names_it_has_none() {
        for name in ["localhost", "127.0.0.1"] {
            assert_eq!(found(name, BEGIN, true), []);
            assert_eq!(found(name, END - SOON, true), []);
        }
    }

    #[test]
    fn it_has_a_beginning_and_an_end() {
        for trusted in [true, false] {
            let at = |now| found("localhost", now, trusted);
            assert_eq!(at(BEGIN - 1), [Shortcoming::NotYetValid { at: BEGIN }]);
            assert_eq!(at(END - SOON + 1), [Shortcoming::ExpiresSoon { at: END }]);
            assert_eq!(at(END + 1), [Shortcoming::Expired { at: END }]);
        }
    }

    #[test]
    fn another_name_is_not_its_own() {
        let found = found("api.example.com", BEGIN, true);
        let [Shortcoming::OtherName { names }] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!(
            names.iter().any(|name| name.contains("localhost")),
            "{names:?}"
        );
    }

    #[test]
    fn an_issuer_that_nobody_knows_is_told_where_others_are_known() {
        let mut roots = RootCertStore::empty();
        let other = include_str!("../../tests/it/tls/pem/second.crt");
        let other = Certificate::from_pem(
            other.as_bytes(),
            include_str!("../../tests/it/tls/pem/second.key").as_bytes(),
        );
        roots.add(other.unwrap().0.cert[0].clone()).unwrap();
        let certificate = Certificate::from_pem(CHAIN.as_bytes(), KEY.as_bytes()).unwrap();
        let time = UnixTime::since_unix_epoch(Duration::from_secs(BEGIN));
        let found = certificate.judged("localhost", time, time, &roots);
        assert!(
            matches!(found.as_slice(), [Shortcoming::Untrusted { .. }]),
            "{found:?}"
        );
        // Whoever knows that it is not trusted still wants to hear of its end.
        let later = UnixTime::since_unix_epoch(Duration::from_secs(END + 1));
        let found = certificate.judged("localhost", time, later, &roots);
        assert!(
            matches!(
                found.as_slice(),
                [
                    Shortcoming::ExpiresSoon { at: END },
                    Shortcoming::Untrusted { .. }
                ]
            ),
            "{found:?}"
        );
        assert_eq!(
            certificate.judged("localhost", time, time, &RootCertStore::empty()),
            []
        );
    }
}
