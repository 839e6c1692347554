//! Certificates, and another one for a gateway that runs.

use bulla_gateway::{
    Entrance,
    tls::{Certificate, CertificateError},
};
use bulla_guard::access::Access;
use http::Response;

use crate::support::{
    TestGateway, route, rules, service,
    tls::{FIRST, Pem, RSA, SECOND},
};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async fn behind(entrance: Entrance) -> TestGateway {
    let answering = service(async |_| Response::new(String::new()));
    let routes = vec![route("/{*rest}", Access::Public, answering)];
    TestGateway::start_behind(entrance, rules(routes), |_| {}).await
}

async fn is_served(pem: Pem, gateway: &TestGateway) -> bool {
    let connected = pem.client(&[]).try_connect(gateway.address).await;
    connected.is_ok()
}

#[tokio::test]
async fn each_kind_of_key() {
    for pem in [FIRST, SECOND, RSA] {
        let gateway = behind(pem.entrance()).await;
        assert!(is_served(pem, &gateway).await, "{pem:?}");
    }
}

#[tokio::test]
async fn handshakes_get_the_new_one_and_connections_keep_the_old_one() {
    let tls = FIRST.tls();
    let gateway = behind(Entrance {
        tls: Some(tls.clone()),
        ..Entrance::default()
    })
    .await;
    assert!(is_served(FIRST, &gateway).await);
    assert!(!is_served(SECOND, &gateway).await);
    let mut before = FIRST.client(&[]).connect(gateway.address).await;
    tls.replace(SECOND.certificate());
    assert!(!is_served(FIRST, &gateway).await);
    assert!(is_served(SECOND, &gateway).await);
    before.write(GET).await;
    assert_eq!(before.answer("GET").await.status, 200);
}

#[test]
fn what_is_none_or_does_not_belong_together() {
    let read = |chain: &str, key: &str| {
        let read = Certificate::from_pem(chain.as_bytes(), key.as_bytes());
        read.err().map(|error| error.to_string())
    };
    assert_eq!(read(FIRST.chain, FIRST.key), None);
    let both = format!("{}{}", FIRST.chain, SECOND.chain);
    assert_eq!(read(&both, FIRST.key), None);
    let one_file = format!("{}{}", FIRST.key, FIRST.chain);
    assert_eq!(read(&one_file, &one_file), None);
    let encrypted = FIRST.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let cut = |pem: &'static str| pem.rsplit_once("-----END").unwrap().0;
    let not_der = |pem: &str| pem.replacen("\nM", "\nA", 1);
    for (chain, key, expected) in [
        (FIRST.chain, SECOND.key, "the key is not the certificate's"),
        (FIRST.chain, RSA.key, "the key is not the certificate's"),
        ("", FIRST.key, "there is no `BEGIN CERTIFICATE`"),
        (FIRST.key, FIRST.key, "there is no `BEGIN CERTIFICATE`"),
        (cut(FIRST.chain), FIRST.key, "the PEM cannot be read"),
        (
            &not_der(FIRST.chain),
            FIRST.key,
            "the first certificate cannot be read",
        ),
        (FIRST.chain, "", "there is no `BEGIN PRIVATE KEY`"),
        (FIRST.chain, FIRST.chain, "there is no `BEGIN PRIVATE KEY`"),
        (FIRST.chain, &encrypted, "there is no `BEGIN PRIVATE KEY`"),
        (FIRST.chain, cut(FIRST.key), "the key cannot be read"),
        (FIRST.chain, &not_der(FIRST.key), "the key cannot be read"),
    ] {
        let said = read(chain, key).unwrap();
        assert!(said.starts_with(expected), "{said}");
    }
    let about_the_key = |error: CertificateError| error.is_about_the_key();
    assert!(about_the_key(CertificateError::OtherKey));
    assert!(!about_the_key(CertificateError::NoCertificate));
}
