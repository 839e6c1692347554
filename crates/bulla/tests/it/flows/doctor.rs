//! `bulla doctor`: what it finds of a server that runs, and of what would be started.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
};

use serde_json::Value;

use crate::harness::{
    Folder, Session,
    https::{FIRST, SECOND},
    poll, session,
};

/// Codes of findings with their severities, and the exit code.
fn examine(folder: &Folder, arguments: &[&str]) -> (BTreeMap<String, String>, i32) {
    let arguments = [&["doctor", "--json"], arguments].concat();
    let finished = folder.bulla(&arguments).run();
    let report: Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}: {finished:?}"));
    let areas = report["areas"].as_array().unwrap().iter();
    let findings = areas.flat_map(|area| area["findings"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let codes = findings.map(|one| (text(&one["code"]), text(&one["severity"])));
    (codes.collect(), finished.code)
}

/// What the machine is like that the tests run on is not their business.
const MACHINE: [&str; 10] = [
    "--ignore",
    "disk_slow",
    "--ignore",
    "disk_nearly_full",
    "--ignore",
    "disk_volatile",
    "--ignore",
    "disk_remote",
    "--ignore",
    "open_files_few",
];

#[track_caller]
fn check(folder: &Folder, codes: &[(&str, &str)], exit: i32) {
    let (found, code) = examine(folder, &MACHINE);
    let found: Vec<_> = found
        .iter()
        .map(|(code, severity)| (code.as_str(), severity.as_str()))
        .collect();
    assert_eq!((found.as_slice(), code), (codes, exit));
}

const SHORT: (&str, &str) = ("password_short", "advice");

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn where_nothing_is_yet_nothing_is_made() {
    let folder = Folder::new();
    let missing = [
        ("folder_missing", "advice"),
        SHORT,
        ("store_missing", "advice"),
    ];
    check(&folder, &missing, 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_server_that_runs_looks_at_itself_and_goes_on() {
    let folder = Folder::new();
    let server = folder.server().start();
    let ada = Session::register(server.public, "ada@example.com");
    check(&folder, &[SHORT], 0);
    allow(&folder.path().join("bulla-data/bulla.db"), 0o644);
    check(&folder, &[SHORT, ("secret_open", "error")], 1);
    ada.contact(server.public).expect(200);
    let log = server.stop();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn a_stopped_one_is_looked_at_without_a_change() {
    let folder = Folder::new();
    folder.server().start().stop();
    let before = folder.data();
    check(&folder, &[SHORT], 0);
    assert_eq!(folder.data(), before);
}

#[test]
fn what_is_wrong_with_the_configuration_is_said_at_its_place() {
    let folder = Folder::new();
    folder.server().start().stop();
    folder.write("bulla.toml", "[tokens]\nalgoritm = \"ES256\"");
    check(&folder, &[("configuration_invalid", "error")], 1);
    let screen = folder.bulla(&["doctor"]).run().stdout;
    assert!(screen.contains("bulla.toml:2"), "{screen}");
}

#[test]
fn a_server_tells_what_only_its_next_start_takes() {
    let folder = Folder::new();
    let file = folder.write("bulla.toml", "password.min_length = 15\n");
    let server = folder.server().start();
    check(&folder, &[], 0);
    fs::write(&file, "password.min_length = 16\n").unwrap();
    check(&folder, &[("configuration_waiting", "warning")], 1);
    fs::write(&file, "password.min_lenth = 16\n").unwrap();
    check(&folder, &[("configuration_invalid", "error")], 1);
    server.stop();
}

#[test]
fn a_lost_master_key_and_another_one_are_told_apart() {
    let folder = Folder::new();
    folder.server().start().stop();
    let key = folder.path().join("bulla-data/master.key");
    let other = Folder::new();
    other.server().start().stop();
    fs::copy(other.path().join("bulla-data/master.key"), &key).unwrap();
    check(&folder, &[("key_unreadable", "error"), SHORT], 1);
    fs::remove_file(&key).unwrap();
    check(&folder, &[("master_key_unusable", "error"), SHORT], 1);
}

#[test]
fn what_is_damaged_is_found_and_stays_so() {
    let folder = Folder::new();
    folder.server().start().stop();
    let database = folder.path().join("bulla-data/bulla.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[8192..12288].fill(0xAA);
    fs::write(&database, &bytes).unwrap();
    let (found, code) = examine(&folder, &MACHINE);
    assert_eq!((found["store_unusable"].as_str(), code), ("error", 1));
    assert_eq!(fs::read(&database).unwrap(), bytes);
}

#[test]
fn a_password_in_the_configuration_is_for_its_owner() {
    let folder = Folder::new();
    // A port on which nobody listens.
    let text = "password.min_length = 15\n[mail]\nurl = \"smtp://127.0.0.1:1\"\nfrom = \"a@example.com\"\n\
                username = \"a\"\npassword = \"hunter2 hunter2\"";
    let file = folder.write("bulla.toml", text);
    let missing = ("folder_missing", "advice");
    let others = [("mail_unreachable", "error"), ("store_missing", "advice")];
    allow(&file, 0o600);
    check(&folder, &[missing, others[0], others[1]], 1);
    allow(&file, 0o644);
    let open = ("secret_open", "error");
    check(&folder, &[missing, others[0], open, others[1]], 1);
    let finished = folder.bulla(&["doctor"]).run();
    assert!(!format!("{finished:?}").contains("hunter2"), "{finished:?}");
}

#[test]
fn what_is_accepted_no_longer_counts_and_nobody_accepts_what_there_is_not() {
    let folder = Folder::new();
    let (found, code) = examine(
        &folder,
        &["--ignore", "password_short", "--ignore", "folder_missing"],
    );
    assert!(
        !found.contains_key("password_short") && code == 0,
        "{found:?}"
    );
    let finished = folder.bulla(&["doctor", "--ignore", "nothing"]).run();
    assert_eq!(finished.code, 2);
}

#[test]
fn a_certificate_is_for_the_host_that_clients_come_to() {
    let folder = Folder::new();
    FIRST.install(&folder);
    allow(&folder.path().join("key.pem"), 0o600);
    let tls = "password.min_length = 15\n[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    folder.write("bulla.toml", tls);
    let nothing = ["folder_missing", "store_missing"];
    // Nobody knows who signed it; what is said of that depends on the machine.
    let found = || {
        let (mut found, _) = examine(&folder, &MACHINE);
        found.remove("tls_untrusted");
        let findings = found.into_keys();
        let findings = findings.filter(|code| !nothing.contains(&code.as_str()));
        findings.collect::<Vec<_>>()
    };
    assert_eq!(found(), [""; 0]);
    folder.write(
        "bulla.toml",
        format!("public_url = \"https://api.example.com\"\n{tls}"),
    );
    assert_eq!(found(), ["mail_missing", "tls_name_other"]);
    folder.write("bulla.toml", tls);
    SECOND.install(&folder);
    folder.write("cert.pem", FIRST.chain);
    assert_eq!(found(), ["tls_unusable"]);
}

#[test]
fn proxies_that_are_not_listed_are_noticed_by_the_server_itself() {
    let folder = Folder::new();
    folder.write("bulla.toml", "password.min_length = 15\n");
    let server = folder.server().start();
    let ask = |forwarded: Option<&str>| {
        // One in eight is looked at, and sixteen are judged together.
        for _ in 0..256 {
            let mut request = server.public.get("/nowhere");
            if let Some(client) = forwarded {
                request = request.header("X-Forwarded-For", client);
            }
            assert_eq!(request.send().status, 404);
        }
    };
    ask(None);
    check(&folder, &[], 0);
    ask(Some("203.0.113.7"));
    check(&folder, &[("proxy_unlisted", "warning")], 1);
    let metrics = server.admin.get("/metrics").send().text();
    let counted = metrics.lines().any(|line| {
        line.starts_with("bulla_gateway_unlisted_proxy_requests_total ") && !line.ends_with(" 0")
    });
    assert!(counted, "{metrics}");

    let list = "trusted_proxies = [\"127.0.0.1\"]\n";
    folder.write("bulla.toml", format!("{list}password.min_length = 15\n"));
    server.hang_up();
    poll::until("the other list", || {
        let (found, _) = examine(&folder, &MACHINE);
        found.is_empty().then_some(())
    });
    ask(Some("203.0.113.7"));
    check(&folder, &[], 0);
    ask(None);
    check(&folder, &[("proxy_silent", "warning")], 1);
}

#[test]
fn what_answers_at_the_public_url_is_asked() {
    let folder = Folder::new();
    let start = |url: &str| {
        folder
            .server()
            .fixed_issuer()
            .env("BULLA__PUBLIC_URL", url)
            .start()
    };
    let other = Folder::new();
    let other = other.server().start();
    let server = start(&other.public.url());
    check(&folder, &[SHORT, ("public_url_other", "warning")], 1);
    server.stop();
    let nobody = other.public.url();
    other.stop();
    let server = start(&nobody);
    check(&folder, &[SHORT, ("public_url_unreachable", "advice")], 0);
    server.stop();
}

#[test]
fn another_clock_is_told() {
    let folder = Folder::new();
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 34\r\nContent-Type: application/json\r\n\
        Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\r\n{\"issuer\":\"https://bulla.example\"}";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let server = folder
        .server()
        .fixed_issuer()
        .env("BULLA__PUBLIC_URL", &url)
        .start();
    check(&folder, &[("clock_skewed", "warning"), SHORT], 1);
    server.stop();
}

#[test]
fn an_administrator_asks_for_it_over_the_network() {
    let folder = Folder::new();
    let server = folder.server().start();
    let add = [
        "user",
        "add",
        "root@example.com",
        "--role",
        "admin",
        "--password-stdin",
    ];
    folder.bulla(&add).stdin(session::PASSWORD).succeed();
    let admin = Session::login(server.public, "root@example.com");
    let post = server.admin.post("/admin/doctor");
    let report = post.bearer(&admin.access_token).send().expect(200);
    assert_eq!(report["areas"][0]["area"], "configuration");
    server
        .admin
        .post("/admin/doctor")
        .send()
        .expect_problem(401, "token_missing");
}

#[test]
fn a_postgresql_that_is_not_there_is_said_to_be_so() {
    let folder = Folder::on("postgres://bulla@127.0.0.1:1/bulla");
    let finished = folder.bulla(&["doctor", "--json"]).run();
    assert_eq!(finished.code, 1, "{finished:?}");
    let report: Value = serde_json::from_str(&finished.stdout).unwrap();
    let areas = report["areas"].as_array().unwrap().iter();
    let mut findings = areas.flat_map(|area| area["findings"].as_array().unwrap());
    let unusable = findings.find(|finding| finding["code"] == "store_unusable");
    let detail = unusable.expect("it is said")["detail"].as_str().unwrap();
    assert!(detail.contains("refused"), "{detail}");
    assert!(findings.all(|finding| finding["code"] != "check_unfinished"));
}

#[test]
fn a_master_key_that_is_named_twice_is_a_finding_among_others() {
    let folder = Folder::new();
    let doctor = folder.bulla(&["doctor", "--json"]);
    let doctor = doctor.env("BULLA_MASTER_KEY", "x");
    let finished = doctor.env("BULLA_MASTER_KEY_FILE", "/y").run();
    assert_eq!(finished.code, 1, "{finished:?}");
    for part in ["master_key_unusable", "not both", "store_missing"] {
        assert!(finished.stdout.contains(part), "{part} in {finished:?}");
    }
}

#[test]
fn a_database_outside_of_the_data_folder_is_for_its_owner_too() {
    let folder = Folder::new();
    let server = folder.server();
    let url = format!("sqlite:{}/elsewhere.db", folder.path().display());
    server.env("BULLA__STORE__URL", &url).start().stop();
    let secret_open = || {
        let doctor = folder.bulla(&["doctor", "--json"]);
        let finished = doctor.env("BULLA__STORE__URL", &url).run();
        finished.stdout.contains("secret_open")
    };
    assert!(!secret_open());
    allow(&folder.path().join("elsewhere.db"), 0o644);
    assert!(secret_open());
}
