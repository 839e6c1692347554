//! TLS to upstreams.

use std::io;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

use crate::target::Authorities;

/// Opens TLS connections, by what is agreed on in the handshake (ALPN). There is none that does not check certificates.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    pub(super) http1: HttpsConnector<HttpConnector>,
    pub(super) http2: HttpsConnector<HttpConnector>,
}

impl Tls {
    /// Trusts whom the system trusts.
    pub(super) fn trusting_the_system(plain: &HttpConnector) -> io::Result<Self> {
        let builder = || HttpsConnectorBuilder::new().with_native_roots();
        let plain = with_any_scheme(plain);
        Ok(Self {
            http1: builder()?
                .https_only()
                .enable_http1()
                .wrap_connector(plain.clone()),
            http2: builder()?.https_only().enable_http2().wrap_connector(plain),
        })
    }

    /// Trusts these alone.
    pub(super) fn trusting(authorities: &Authorities, plain: &HttpConnector) -> Self {
        let builder = || HttpsConnectorBuilder::new().with_tls_config(authorities.config());
        let plain = with_any_scheme(plain);
        Self {
            http1: builder()
                .https_only()
                .enable_http1()
                .wrap_connector(plain.clone()),
            http2: builder().https_only().enable_http2().wrap_connector(plain),
        }
    }
}

fn with_any_scheme(plain: &HttpConnector) -> HttpConnector {
    let mut plain = plain.clone();
    plain.enforce_http(false);
    plain
}
