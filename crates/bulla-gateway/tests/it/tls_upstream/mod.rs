//! Upstreams over TLS.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bulla_gateway::target::{Authorities, Protocol, Target, Upstream, UpstreamOptions};
use bulla_guard::access::Access;
use http::{Request, Response};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs},
};

use crate::support::{Answer, TestGateway, route};

// Made with `openssl ca`, good from 2020 to 2120; the keys of the authorities are gone.
const AUTHORITY: &[u8] = include_bytes!("pem/authority.crt");
const OTHER: &[u8] = include_bytes!("pem/other.crt");
const CERTIFICATE: &[u8] = include_bytes!("pem/server.crt");
const KEY: &[u8] = include_bytes!("pem/server.key");

/// A server with a certificate for 127.0.0.1 of a private authority, that says which protocol it was asked over.
async fn server() -> SocketAddr {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let io = TokioIo::new(stream);
                let service = service_fn(async |request: Request<Incoming>| {
                    let text = format!("{:?}", request.version());
                    Ok::<_, Infallible>(Response::new(text))
                });
                if http2 {
                    let serving = http2::Builder::new(TokioExecutor::new());
                    let _ = serving.serve_connection(io, service).await;
                } else {
                    let _ = http1::Builder::new().serve_connection(io, service).await;
                }
            });
        }
    });
    address
}

async fn ask(server: &str, protocol: Protocol, authorities: Option<&[u8]>) -> Answer {
    let options = UpstreamOptions {
        protocol,
        authorities: authorities.map(|pem| Authorities::from_pem(pem).unwrap()),
        ..UpstreamOptions::default()
    };
    let target = Target::Upstream(Upstream::parse("tls", &[server], &options).unwrap());
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, target)]).await;
    gateway.get("/", "").await
}

#[tokio::test]
async fn a_certificate_of_ones_own_authority_is_trusted_over_either_protocol() {
    let server = format!("https://{}", server().await);
    for (protocol, version) in [(Protocol::Http1, "HTTP/1.1"), (Protocol::Http2, "HTTP/2.0")] {
        let both = [OTHER, AUTHORITY].concat();
        for authorities in [AUTHORITY, &both] {
            let answer = ask(&server, protocol, Some(authorities)).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, version));
        }
    }
}

#[tokio::test]
async fn one_of_another_authority_or_for_another_name_is_not() {
    let address = server().await;
    let server = format!("https://{address}");
    let elsewhere = format!("https://localhost:{}", address.port());
    for (server, authorities) in [
        (&server, Some(OTHER)),
        (&server, None),
        (&elsewhere, Some(AUTHORITY)),
    ] {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let answer = ask(server, protocol, authorities).await;
            assert_eq!(answer.code(), "upstream_unavailable", "{server}");
        }
    }
    assert_eq!(
        ask(&server, Protocol::Http1, Some(AUTHORITY)).await.status,
        200
    );
}

#[test]
fn authorities_without_a_certificate_to_check_are_refused() {
    let options = UpstreamOptions {
        authorities: Some(Authorities::from_pem(AUTHORITY).unwrap()),
        ..UpstreamOptions::default()
    };
    let refused = Upstream::parse("a", &["http://a"], &options).unwrap_err();
    assert!(refused.to_string().contains("no server is `https`"));
    Upstream::parse("a", &["http://a", "https://b"], &options).unwrap();
}
