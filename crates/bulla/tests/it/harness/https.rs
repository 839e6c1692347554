//! The same client over TLS.

use std::{io, sync::Arc};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned, crypto::aws_lc_rs,
};

use super::{Answer, Folder, http::Request};

/// A certificate for `localhost` and its key in PEM, good until 2120.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pem {
    pub(crate) chain: &'static str,
    pub(crate) key: &'static str,
}

pub(crate) const FIRST: Pem = Pem {
    chain: include_str!("../../../../bulla-gateway/tests/it/tls/pem/first.crt"),
    key: include_str!("../../../../bulla-gateway/tests/it/tls/pem/first.key"),
};

pub(crate) const SECOND: Pem = Pem {
    chain: include_str!("../../../../bulla-gateway/tests/it/tls/pem/second.crt"),
    key: include_str!("../../../../bulla-gateway/tests/it/tls/pem/second.key"),
};

impl Pem {
    /// Writes it where the configuration of the tests looks for it.
    pub(crate) fn install(self, folder: &Folder) {
        folder.write("cert.pem", self.chain);
        folder.write("key.pem", self.key);
    }

    /// What a server with this certificate does at a handshake.
    pub(crate) fn server(self) -> Arc<ServerConfig> {
        let chain = CertificateDer::from_pem_slice(self.chain.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .unwrap();
        Arc::new(config)
    }

    /// Sends a request to who has this certificate and no other.
    pub(crate) fn try_send(self, request: &Request) -> io::Result<Answer> {
        try_send_trusting(&[self], request)
    }

    #[track_caller]
    pub(crate) fn send(self, request: &Request) -> Answer {
        self.try_send(request).unwrap()
    }
}

/// Sends a request to who has one of these certificates, over a connection and by a handshake of its own.
pub(crate) fn try_send_trusting(trusted: &[Pem], request: &Request) -> io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    for pem in trusted {
        roots
            .add(CertificateDer::from_pem_slice(pem.chain.as_bytes()).unwrap())
            .unwrap();
    }
    let config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    request.try_send_over(StreamOwned::new(client, request.connect()?))
}
