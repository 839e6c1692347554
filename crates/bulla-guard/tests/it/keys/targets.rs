//! Addresses that no key is fetched from, however they are written.

use bulla_guard::keys::remote::{AddressRefused, FetchError, JwkSetUrl, RemoteSettings, fetch};
use bulla_jose::jwa::Algorithm;

use super::{
    remote::{hold_clock, key_set, settings_for},
    server::KeyServer,
};
use crate::issuer::Issuer;

/// Nothing is listed.
fn unlisted(url: &str) -> RemoteSettings {
    RemoteSettings::new(JwkSetUrl::parse(url).unwrap(), &[Algorithm::Es256])
}

#[tokio::test(start_paused = true)]
async fn an_address_of_this_machine_is_asked_only_if_it_is_listed() {
    let _held = hold_clock();
    let server = KeyServer::start(key_set(&[&Issuer::new()]));
    let refused = fetch(&unlisted(&server.url())).await.unwrap_err();
    assert!(
        matches!(
            refused,
            FetchError::AddressRefused(AddressRefused::NotPublic(_))
        ),
        "{refused}"
    );
    assert_eq!(server.begun(), 0);
    assert!(fetch(&settings_for(&server.url())).await.is_ok());
    assert_eq!(server.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_name_is_judged_by_what_it_leads_to() {
    let _held = hold_clock();
    let server = KeyServer::start(key_set(&[&Issuer::new()]));
    // The system takes the second one for 127.0.0.1.
    for name in ["localhost", "127.1"] {
        let url = server.url().replace("127.0.0.1", name);
        let refused = fetch(&unlisted(&url)).await.unwrap_err();
        assert!(matches!(refused, FetchError::Unreachable(_)), "{refused}");
        let said = refused.to_string();
        assert!(said.contains("is not a public address"), "{said}");
        assert_eq!(server.begun(), 0);
    }
    let url = server.url().replace("127.0.0.1", "localhost");
    assert!(fetch(&settings_for(&url)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn tls_makes_no_private_address_public() {
    let _held = hold_clock();
    for host in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[fe80::1]",
    ] {
        let refused = fetch(&unlisted(&format!("https://{host}/keys"))).await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, FetchError::AddressRefused(_)),
            "{host}: {refused}"
        );
    }
}

#[test]
fn what_can_be_told_from_the_url_is_told_before_anything_is_fetched() {
    let check = |url: &str, listed: &[&str]| {
        let listed: Vec<_> = listed.iter().map(|range| range.parse().unwrap()).collect();
        JwkSetUrl::parse(url).unwrap().check(&listed)
    };
    assert_eq!(check("https://login.example.com/keys", &[]), Ok(()));
    assert_eq!(check("http://10.0.0.1/keys", &["10.0.0.0/8"]), Ok(()));
    assert_eq!(check("http://keycloak:8080/keys", &["10.0.0.0/8"]), Ok(()));
    for url in [
        "http://login.example.com/keys",
        "http://1.1.1.1/keys",
        "https://10.0.0.1/keys",
        "https://[::1]/keys",
    ] {
        assert!(check(url, &[]).is_err(), "{url}");
    }
}
