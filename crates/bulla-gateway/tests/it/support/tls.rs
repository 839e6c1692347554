//! Certificates for `localhost`, and clients that trust one of them.

use std::{net::SocketAddr, sync::Arc};

use bulla_gateway::{
    Entrance,
    tls::{Certificate, Tls},
};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto::aws_lc_rs, version},
};

use super::Wire;

/// A certificate and its key in PEM. Good from 2020 to 2120, each signed by itself:
/// `openssl ca -selfsign -startdate 20200101000000Z -enddate 21200101000000Z`, with `CA:FALSE` and
/// `subjectAltName=DNS:localhost,IP:127.0.0.1`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pem {
    pub(crate) chain: &'static str,
    pub(crate) key: &'static str,
}

/// P-256; the key is PKCS#8.
pub(crate) const FIRST: Pem = Pem {
    chain: include_str!("../tls/pem/first.crt"),
    key: include_str!("../tls/pem/first.key"),
};

/// P-256; the key is SEC1.
pub(crate) const SECOND: Pem = Pem {
    chain: include_str!("../tls/pem/second.crt"),
    key: include_str!("../tls/pem/second.key"),
};

/// RSA; the key is PKCS#1.
pub(crate) const RSA: Pem = Pem {
    chain: include_str!("../tls/pem/rsa.crt"),
    key: include_str!("../tls/pem/rsa.key"),
};

impl Pem {
    pub(crate) fn certificate(self) -> Certificate {
        Certificate::from_pem(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }

    pub(crate) fn tls(self) -> Arc<Tls> {
        Arc::new(Tls::new(self.certificate(), None).unwrap())
    }

    pub(crate) fn entrance(self) -> Entrance {
        Entrance {
            tls: Some(self.tls()),
            ..Entrance::default()
        }
    }

    /// Who trusts this certificate and nobody else, and offers these protocols.
    pub(crate) fn client(self, alpn: &[&str]) -> Client {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.chain.as_bytes()).unwrap())
            .unwrap();
        Client {
            roots,
            alpn: alpn.iter().map(|name| name.as_bytes().to_vec()).collect(),
            versions: vec![&version::TLS13, &version::TLS12],
        }
    }
}

/// A client of TLS.
pub(crate) struct Client {
    roots: RootCertStore,
    alpn: Vec<Vec<u8>>,
    versions: Vec<&'static SupportedProtocolVersion>,
}

impl Client {
    /// Speaks this version only.
    pub(crate) fn with_version(mut self, version: &'static SupportedProtocolVersion) -> Self {
        self.versions = vec![version];
        self
    }

    pub(crate) async fn try_connect(
        self,
        address: SocketAddr,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.over(TcpStream::connect(address).await.unwrap()).await
    }

    /// Begins the handshake on a connection that is there.
    pub(crate) async fn over(self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let mut config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_protocol_versions(&self.versions)
            .unwrap()
            .with_root_certificates(self.roots)
            .with_no_client_auth();
        config.alpn_protocols = self.alpn;
        TlsConnector::from(Arc::new(config))
            .connect(ServerName::try_from("localhost").unwrap(), stream)
            .await
    }

    pub(crate) async fn connect(self, address: SocketAddr) -> Wire<TlsStream<TcpStream>> {
        Wire::over(self.try_connect(address).await.unwrap())
    }
}
