//! `[tls]`: https without a proxy in front.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use crate::harness::{
    Folder, Server,
    https::{FIRST, Pem, SECOND, try_send_trusting},
    poll,
    upstream::Upstream,
};

const TLS: &str = "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\nhsts = \"365d\"\n";

/// A folder with a configuration and this certificate.
fn folder(pem: Pem) -> Folder {
    let folder = Folder::new();
    folder.write("bulla.toml", TLS);
    pem.install(&folder);
    folder
}

fn metadata(server: &Server) -> crate::harness::http::Request {
    server.public.get("/.well-known/oauth-authorization-server")
}

#[test]
fn https_is_answered_and_is_where_clients_are_told_to_come() {
    let folder = folder(FIRST);
    let upstream = Upstream::start();
    let route = "[[upstream]]\nname = \"api\"\nservers = [\"URL\"]\n[[route]]\n\
                 path = \"/open\"\nupstream = \"api\"\naccess = \"public\"\n";
    let route = route.replace("URL", &upstream.url());
    folder.write("bulla.toml", format!("{TLS}{route}"));
    let server = folder.server().start();
    let answer = FIRST.send(&metadata(&server));
    let own = server.public.url().replace("http://", "https://");
    assert_eq!(answer.expect(200)["issuer"], own.as_str());
    FIRST.send(&server.public.get("/open")).expect(200);
    assert_eq!(upstream.seen()[0].all("x-forwarded-proto"), ["https"]);
    let refused = FIRST.send(&server.public.get("/nowhere"));
    refused.expect_problem(404, "not_found");
    for answer in [answer, refused] {
        let hsts = answer.header("strict-transport-security");
        assert_eq!(hsts, Some("max-age=31536000"));
    }
    assert!(SECOND.try_send(&metadata(&server)).is_err());
    assert!(
        metadata(&server).try_send().is_err(),
        "plain HTTP was answered"
    );
    // The administrators' listener is another one.
    assert_eq!(server.admin.get("/healthz").send().status, 200);
}

#[test]
fn a_listener_that_others_can_reach_is_warned_of_unless_it_is_encrypted() {
    let said = |folder: &Folder| {
        let server = folder.server().env("BULLA__LISTEN__PUBLIC", "0.0.0.0:0");
        server.start().stop()
    };
    let encrypted = said(&folder(FIRST));
    assert!(!encrypted.contains("not encrypted"), "{encrypted}");
    let plain = said(&Folder::new());
    assert!(plain.contains("not encrypted"), "{plain}");
}

#[test]
fn another_certificate_is_taken_without_a_failed_request() {
    let folder = folder(FIRST);
    let server = folder.server().start();
    let request = metadata(&server);
    let (swapped, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _ending = poll::Ending(&swapped);
        scope.spawn(|| {
            while !swapped.load(Ordering::Relaxed) {
                let answer = try_send_trusting(&[FIRST, SECOND], &request);
                answer.unwrap().expect(200);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
        poll::until("the first answer", || {
            (answered.load(Ordering::Relaxed) > 0).then_some(())
        });
        SECOND.install(&folder);
        poll::until("the new certificate", || SECOND.try_send(&request).ok());
    });
    assert!(FIRST.try_send(&request).is_err());
}

#[test]
fn a_bad_certificate_leaves_the_old_one_and_is_said() {
    let folder = folder(FIRST);
    let server = folder.server().start();
    folder.write("key.pem", SECOND.key);
    let said = poll::until("a word about the key", || {
        let log = server.log();
        log.contains("not replaced").then_some(log)
    });
    for part in ["key.pem: the key is not the certificate's", "tls.key"] {
        assert!(said.contains(part), "{said}");
    }
    FIRST.send(&metadata(&server)).expect(200);
    SECOND.install(&folder);
    poll::until("the new certificate", || {
        SECOND.try_send(&metadata(&server)).ok()
    });
}

#[test]
fn sighup_reads_the_files_again_though_nothing_has_changed() {
    let folder = folder(FIRST);
    let server = folder.server().start();
    assert!(!server.log().contains("certificate was read again"));
    server.hang_up();
    poll::until("a word about it", || {
        let log = server.log();
        log.contains("certificate was read again").then_some(())
    });
    FIRST.send(&metadata(&server)).expect(200);
}

#[test]
fn a_certificate_that_cannot_be_used_ends_the_start_before_a_port_is_bound() {
    let folder = folder(FIRST);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = |parts: &[&str]| {
        for command in ["serve", "check-config"] {
            folder
                .bulla(&[command])
                .env("BULLA__LISTEN__PUBLIC", &address)
                .refused(parts);
        }
    };
    folder.write("key.pem", SECOND.key);
    refused(&["bulla.toml:3", "tls.key", "key.pem: the key is not"]);
    folder.write("cert.pem", "");
    refused(&["bulla.toml:2", "tls.certificate", "cert.pem: there is no"]);
    std::fs::remove_file(folder.path().join("cert.pem")).unwrap();
    refused(&[
        "bulla.toml:2",
        "tls.certificate",
        "cert.pem: cannot be read",
    ]);
    assert!(!folder.exists("bulla-data"));
    FIRST.install(&folder);
    folder.bulla(&["check-config"]).succeed();
}

#[test]
fn plain_http_is_sent_on_to_where_clients_shall_come() {
    let folder = folder(FIRST);
    let listen =
        "public_url = \"https://api.example.com:8443\"\n[listen]\nredirect = \"127.0.0.1:0\"\n";
    folder.write("bulla.toml", format!("{listen}{TLS}"));
    let server = folder.server().start();
    let plain = server.redirect.unwrap();
    let location = |host: &str| {
        let mut wire = TcpStream::connect(plain.0).unwrap();
        let request =
            format!("POST /auth/login HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        wire.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        wire.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = location("api.example.com");
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    let expected = "location: https://api.example.com:8443/auth/login\r\n";
    assert!(answer.contains(expected), "{answer}");
    let answer = location("evil.example");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    FIRST.send(&metadata(&server)).expect(200);
    assert_eq!(server.stop().matches("panicked").count(), 0);
}

#[test]
fn a_trusted_proxy_says_by_the_proxy_protocol_who_connected() {
    let folder = folder(FIRST);
    let upstream = Upstream::start();
    let configuration = "trusted_proxies = [\"127.0.0.1\"]\n[listen]\nproxy_protocol = true\n\
                         [[upstream]]\nname = \"api\"\nservers = [\"URL\"]\n[[route]]\n\
                         path = \"/open\"\nupstream = \"api\"\naccess = \"public\"\n";
    let configuration = configuration.replace("URL", &upstream.url());
    folder.write("bulla.toml", configuration);
    let server = folder.server().start();
    let request = server.public.get("/open");
    assert!(request.try_send().is_err(), "who said nothing was let in");
    let mut wire = request.connect().unwrap();
    wire.write_all(b"PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n")
        .unwrap();
    request.try_send_over(wire).unwrap().expect(200);
    assert_eq!(upstream.seen()[0].all("x-forwarded-for"), ["192.0.2.1"]);
}
