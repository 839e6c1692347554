//! `[[trusted_issuer]]`: tokens of other issuers beside Bulla's own.

use bulla_jose::{
    base64url,
    jwa::{ContentEncryption, KeyManagement},
    jwk::{DecryptionKey, KeyId},
};
use serde_json::json;

use crate::harness::{
    Folder,
    http::Request,
    poll,
    session::Session,
    tokens::{AUDIENCE, ISSUER, SharedSecret},
    upstream::Upstream,
};

const FAR: u64 = 4_000_000_000;

/// A route to the upstream, the demo, and the issuer of [`SharedSecret`], with these further lines.
fn configure(folder: &Folder, upstream: &Upstream, lines: &str) {
    folder.write("keys.json", SharedSecret::new().jwk_set());
    let text = format!(
        "demo = true\n[[upstream]]\nname = \"shop\"\nservers = [\"{}\"]\n[[route]]\npath = \"/shop/{{*rest}}\"\n\
         upstream = \"shop\"\n[[trusted_issuer]]\nissuer = \"{ISSUER}\"\njwks = \"keys.json\"\n\
         audience = \"{AUDIENCE}\"\nalgorithms = [\"HS256\"]\n{lines}\n",
        upstream.url()
    );
    folder.write("bulla.toml", text);
}

#[test]
fn both_issuers_tokens_pass_and_the_upstream_can_tell_them_apart() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    configure(
        &folder,
        &upstream,
        "claims = { roles = \"groups.names\", subject = \"user_id\" }",
    );
    let server = folder.server().start();
    let ada = Session::register(server.public, "ada@example.com");
    let secret = SharedSecret::new();
    let mut claims = secret.claims(FAR);
    claims["user_id"] = json!(ada.user);
    claims["groups"] = json!({"names": ["seller"]});

    let get = |token: &str| server.public.get("/shop/1").bearer(token).send();
    for _ in 0..2 {
        get(&secret.sign(&claims)).expect(200);
    }
    get(&ada.access_token).expect(200);
    let seen = upstream.seen();
    assert_eq!(seen[1].all("x-bulla-issuer"), [ISSUER]);
    assert_eq!(seen[1].all("x-bulla-subject"), [ada.user.as_str()]);
    assert_eq!(seen[1].all("x-bulla-roles"), ["seller"]);
    assert_eq!(seen[2].all("x-bulla-subject"), [ada.user.as_str()]);
    assert!(seen[2].all("x-bulla-issuer").is_empty());

    claims["iss"] = json!(server.public.url());
    get(&secret.sign(&claims)).expect_problem(401, "token_issuer_mismatch");
    assert_eq!(upstream.seen().len(), 3);
    let metrics = server.admin.get("/metrics").send().text();
    for line in [
        "bulla_gateway_token_cache_hits_total 1\n",
        &format!("bulla_jwk_set_keys{{issuer=\"{ISSUER}\"}} 1\n"),
        &format!("bulla_jwk_set_skipped_keys{{issuer=\"{ISSUER}\"}} 0\n"),
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[test]
fn an_administrator_elsewhere_is_nobody_at_bulla_itself() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    configure(&folder, &upstream, "");
    let server = folder.server().start();
    let ada = Session::register(server.public, "ada@example.com");
    let secret = SharedSecret::new();
    let mut claims = secret.claims(FAR);
    claims["sub"] = json!(ada.user);
    claims["sid"] = json!(ada.id);
    claims["roles"] = json!(["admin"]);
    let stranger = secret.sign(&claims);
    server
        .public
        .get("/shop/1")
        .bearer(&stranger)
        .send()
        .expect(200);

    let refused = |request: Request| {
        let answer = request.bearer(&stranger).send();
        answer.expect_problem(401, "token_issuer_mismatch");
    };
    refused(server.public.get("/auth/me"));
    refused(server.public.get("/auth/sessions"));
    refused(server.public.delete("/auth/sessions"));
    refused(server.public.post("/auth/logout"));
    refused(server.public.get("/api/profile"));
    refused(server.public.get("/api/orders"));
    refused(server.public.get("/api/admin"));
    refused(server.public.delete(&format!("/api/users/{}", ada.user)));
    refused(
        server
            .public
            .post("/contact")
            .json(&json!({"message": "hi"})),
    );

    let own = |path: &str| server.public.get(path).bearer(&ada.access_token).send();
    assert_eq!(own("/auth/me").expect(200)["id"], ada.user.as_str());
    assert_eq!(own("/api/profile").expect(200)["id"], ada.user.as_str());
    ada.refreshed(server.public);
    let logout = server.public.post("/auth/logout").bearer(&ada.access_token);
    assert_eq!(logout.send().status, 204);
    own("/auth/me").expect_problem(401, "token_revoked");
    server
        .public
        .get("/shop/1")
        .bearer(&stranger)
        .send()
        .expect(200);
}

#[test]
fn without_a_cache_every_token_is_verified_anew() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    configure(&folder, &upstream, "[verification]\ncache = \"off\"");
    let server = folder.server().start();
    let secret = SharedSecret::new();
    let token = secret.sign(&secret.claims(FAR));
    for _ in 0..2 {
        let answer = server.public.get("/shop/1").bearer(&token).send();
        answer.expect(200);
    }
    let metrics = server.admin.get("/metrics").send().text();
    assert!(!metrics.contains("token_cache"), "{metrics}");
}

#[test]
fn keys_by_url_come_from_listed_addresses_only() {
    let issuer_folder = Folder::new();
    let issuer = issuer_folder.server().fixed_issuer().start();
    let ada = Session::register(issuer.public, "ada@example.com");
    let upstream = Upstream::start();
    let text = |addresses: &str| {
        format!(
            "[[upstream]]\nname = \"shop\"\nservers = [\"{}\"]\n[[route]]\npath = \"/{{*rest}}\"\nupstream = \"shop\"\n\
             [[trusted_issuer]]\nissuer = \"https://bulla.example\"\njwks = \"{}/.well-known/jwks.json\"\n\
             audience = \"api\"\nalgorithms = [\"ES256\"]\n{addresses}\n",
            upstream.url(),
            issuer.public.url()
        )
    };
    let folder = Folder::new();
    folder.write("bulla.toml", text(""));
    let check = folder.bulla(&["check-config"]);
    check.refused(&[
        "bulla.toml:9",
        "`trusted_issuer[1].jwks`",
        "127.0.0.1",
        "`jwks_addresses`",
    ]);

    folder.write("bulla.toml", text("jwks_addresses = [\"127.0.0.1\"]"));
    folder.bulla(&["check-config"]).succeed();
    let server = folder.server().start();
    let get = || server.public.get("/shop").bearer(&ada.access_token).send();
    poll::until("the keys", || (get().status == 200).then_some(()));
    assert_eq!(
        upstream.seen()[0].all("x-bulla-issuer"),
        ["https://bulla.example"]
    );
    let metrics = server.admin.get("/metrics").send().text();
    for line in [
        "bulla_jwk_set_keys{issuer=\"https://bulla.example\"} 2\n",
        "bulla_jwk_set_fetch_failures_total{issuer=\"https://bulla.example\"} 0\n",
        "bulla_jwk_set_age_seconds{issuer=\"https://bulla.example\"} ",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[test]
fn a_file_of_keys_is_read_again_and_a_bad_one_leaves_the_keys() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    configure(&folder, &upstream, "");
    let server = folder.server().start();
    let secret = SharedSecret::new();
    let token = secret.sign(&secret.claims(FAR));
    let status = || server.public.get("/shop/1").bearer(&token).send().status;
    // From its signature, and from the cache.
    assert_eq!([status(), status()], [200, 200]);

    folder.write("keys.json", "{\"keys\":[]}");
    poll::until("the bad file to be noticed", || {
        server.log().contains("the old keys stay").then_some(())
    });
    assert_eq!(status(), 200);

    let other = base64url::encode(b"another secret that nobody knows");
    let other = json!({"keys": [{"kty": "oct", "kid": "other", "alg": "HS256", "k": other}]});
    folder.write("keys.json", other.to_string());
    poll::until("the other keys", || (status() == 401).then_some(()));
    folder.write("keys.json", secret.jwk_set());
    poll::until("the keys of before", || (status() == 200).then_some(()));
}

#[test]
fn a_token_that_is_signed_and_then_encrypted_needs_its_key() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let recipient = [7; 32];
    let id = KeyId::new("enc").unwrap();
    let key = DecryptionKey::from_secret(KeyManagement::A256Kw, Some(id), &recipient).unwrap();
    let token = secret.encrypt(
        &secret.claims(FAR),
        key.encryption_key(),
        ContentEncryption::A256Gcm,
    );
    configure(&folder, &upstream, "");
    let without = folder.server().start();
    let refused = without.public.get("/shop/1").bearer(&token).send();
    refused.expect_problem(401, "token_malformed");
    without.stop();

    let jwk =
        json!({"kty": "oct", "alg": "A256KW", "kid": "enc", "k": base64url::encode(&recipient)});
    folder.write("decrypt.json", jwk.to_string());
    configure(&folder, &upstream, "decryption_key = \"decrypt.json\"");
    let server = folder.server().start();
    for _ in 0..2 {
        server
            .public
            .get("/shop/1")
            .bearer(&token)
            .send()
            .expect(200);
    }
    let log = server.stop();
    let secret_text = base64url::encode(&recipient);
    assert!(
        !log.contains(&secret_text) && !log.contains(&token),
        "{log}"
    );
}

#[test]
fn files_that_cannot_be_used_end_the_start_with_their_line() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    folder.write("key.pem", pem);
    folder.write("key.json", "{\"kty\":\"oct\",\"k\":\"AAAA\"}");
    for (lines, parts) in [
        (
            "decryption_key = \"missing.json\"",
            ["bulla.toml:13", "missing.json cannot be read"],
        ),
        (
            "decryption_key = \"key.pem\"",
            ["bulla.toml:13", "set `decryption_algorithm`"],
        ),
        (
            "decryption_key = \"key.json\"",
            ["bulla.toml:13", "set `decryption_algorithm`"],
        ),
        (
            "decryption_key = \"key.pem\"\ndecryption_algorithm = \"RSA-OAEP-256\"",
            ["bulla.toml:13", "key.pem holds no key"],
        ),
    ] {
        configure(&folder, &upstream, lines);
        for command in [&["check-config"][..], &["serve"]] {
            folder.bulla(command).refused(&parts);
        }
    }
    configure(&folder, &upstream, "");
    folder.bulla(&["check-config"]).succeed();
    folder.write("keys.json", "{\"keys\":[]}");
    folder
        .bulla(&["check-config"])
        .refused(&["bulla.toml:10", "keys.json has no key that can be used"]);
    assert!(!folder.exists("bulla-data"));
}
