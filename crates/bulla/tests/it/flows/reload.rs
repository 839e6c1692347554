//! `bulla.toml`, changed while the server runs.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use crate::harness::{
    Folder, Server,
    https::{FIRST, SECOND},
    poll,
    upstream::Upstream,
};

/// Each on a connection of its own.
const CLIENTS: usize = 8;

/// A public route to an upstream.
fn route(path: &str, upstream: &Upstream) -> String {
    format!(
        "[[upstream]]\nname = \"api\"\nservers = [\"{}\"]\n[[route]]\npath = \"{path}\"\nupstream = \"api\"\n\
         access = \"public\"\n",
        upstream.url()
    )
}

fn status(server: &Server, path: &str) -> u16 {
    server.public.get(path).send().status
}

fn says(server: &Server, words: &str) -> String {
    poll::until(words, || {
        let log = server.log();
        log.contains(words).then_some(log)
    })
}

#[test]
fn the_origins_that_may_use_bullas_own_paths_are_replaced() {
    let folder = Folder::new();
    let listing = |origin: &str| folder.write("bulla.toml", format!("cors = [\"{origin}\"]\n"));
    let (old, new) = ("https://old.example", "https://new.example");
    listing(old);
    let server = folder.server().start();
    let preflight = |origin: &str| {
        let asked = server.public.request("OPTIONS", "/auth/login");
        let asked = asked.header("Access-Control-Request-Method", "POST");
        asked.header("Origin", origin).send().status
    };
    assert_eq!((preflight(old), preflight(new)), (204, 403));
    listing(new);
    server.hang_up();
    poll::until(new, || (preflight(new) == 204).then_some(()));
    assert_eq!(preflight(old), 403);
}

#[test]
fn the_schedule_of_the_signing_keys_is_replaced() {
    let folder = Folder::new();
    folder.write("bulla.toml", "[keys]\nrotate_every = \"off\"\n");
    let server = folder.server().start();
    let keys = || folder.bulla(&["keys", "list", "--json"]).json();
    assert!(keys()["rotates_at"].is_null());
    folder.write(
        "bulla.toml",
        "[keys]\nrotate_every = \"1s\"\npublish_ahead = \"1s\"\n",
    );
    server.hang_up();
    poll::until("a rotation", || {
        let keys = keys();
        let all = keys["keys"].as_array().unwrap();
        all.iter()
            .any(|key| key["state"] == "retiring")
            .then_some(())
    });
    assert!(!server.log().contains("count from the next start"));
}

#[test]
fn routes_are_replaced_without_a_failed_request() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    let always = route("/always", &upstream);
    let also = |path: &str| {
        format!("{always}[[route]]\npath = \"{path}\"\nupstream = \"api\"\naccess = \"public\"\n")
    };
    folder.write("bulla.toml", also("/old"));
    let server = folder.server().start();
    assert_eq!(
        (status(&server, "/old"), status(&server, "/new")),
        (200, 404)
    );
    let (done, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _ending = poll::Ending(&done);
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let request = server.public.get("/always").kept();
                let connection = request.connect().unwrap();
                while !done.load(Ordering::Relaxed) {
                    let answer = request.try_send_over(&connection);
                    answer.unwrap().expect(200);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for (path, gone) in [("/new", "/old"), ("/old", "/new"), ("/new", "/old")] {
            let before = answered.load(Ordering::Relaxed);
            folder.write("bulla.toml", also(path));
            server.hang_up();
            poll::until(path, || (status(&server, path) == 200).then_some(()));
            assert_eq!(status(&server, gone), 404);
            poll::until("more answers", || {
                (answered.load(Ordering::Relaxed) > before + CLIENTS).then_some(())
            });
        }
    });
}

#[test]
fn a_change_of_the_file_is_noticed_without_a_signal() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", route("/old", &upstream));
    let server = folder.server().start();
    folder.write("bulla.toml", route("/new", &upstream));
    poll::until("the new route", || {
        (status(&server, "/new") == 200).then_some(())
    });
    assert_eq!(status(&server, "/old"), 404);
}

#[test]
fn a_change_of_the_authorities_of_an_upstream_is_noticed_without_a_signal() {
    let (folder, api_folder) = (Folder::new(), Folder::new());
    let tls = "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    api_folder.write("bulla.toml", tls);
    FIRST.install(&api_folder);
    let api = api_folder.server().start();
    let port = api.public.0.port();
    let trusting = |file: &str| {
        format!(
            "[[upstream]]\nname = \"api\"\nservers = [\"https://localhost:{port}\"]\nca = \"{file}\"\n\
             [[route]]\npath = \"/api/{{*rest}}\"\nupstream = \"api\"\naccess = \"public\"\nstrip_prefix = \"/api\"\n"
        )
    };
    folder.write("one.pem", SECOND.chain);
    folder.write("other.pem", SECOND.chain);
    folder.write("bulla.toml", trusting("one.pem"));
    let server = folder.server().start();
    let comes_to = |wanted: u16| {
        poll::until("the other authority", || {
            (status(&server, "/api/openapi.json") == wanted).then_some(())
        });
    };
    comes_to(502);
    folder.write("one.pem", FIRST.chain);
    comes_to(200);
    // A file that is named later is watched as well.
    folder.write("bulla.toml", trusting("other.pem"));
    comes_to(502);
    folder.write("other.pem", FIRST.chain);
    comes_to(200);
}

#[test]
fn a_file_with_a_mistake_changes_nothing_and_is_said() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", route("/old", &upstream));
    let server = folder.server().start();
    folder.write(
        "bulla.toml",
        route("/new", &upstream) + "acess = \"public\"\n",
    );
    server.hang_up();
    let said = says(&server, "the old one stays");
    for part in ["bulla.toml:8", "acess", "access"] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(
        (status(&server, "/old"), status(&server, "/new")),
        (200, 404)
    );

    let own = route("/new", &upstream).replace(&upstream.url(), &server.public.url());
    folder.write("bulla.toml", own);
    server.hang_up();
    says(&server, "is Bulla itself");
    assert_eq!(status(&server, "/old"), 200);

    folder.write("bulla.toml", route("/new", &upstream));
    server.hang_up();
    poll::until("the new route", || {
        (status(&server, "/new") == 200).then_some(())
    });
}

#[test]
fn an_empty_file_is_a_mistake_and_one_with_a_comment_is_meant() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", route("/old", &upstream));
    let server = folder.server().start();
    folder.write("bulla.toml", " \n");
    server.hang_up();
    says(&server, "is empty: ");
    assert_eq!(status(&server, "/old"), 200);

    folder.write("bulla.toml", "# none\n");
    server.hang_up();
    poll::until("no route", || {
        (status(&server, "/old") == 404).then_some(())
    });
}

#[test]
fn what_waits_for_the_next_start_is_named() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", route("/old", &upstream));
    let server = folder.server().start();
    // The routes stand elsewhere now, which is no change of the other sections.
    let more = "[password]\nmin_length = 12\n[session]\nidle = \"1h\"\n";
    folder.write("bulla.toml", format!("{more}{}", route("/new", &upstream)));
    server.hang_up();
    let said = says(&server, "count from the next start on");
    assert!(said.contains("session, password"), "{said}");
    assert_eq!(
        (status(&server, "/new"), status(&server, "/old")),
        (200, 404)
    );
    folder.write("bulla.toml", route("/old", &upstream));
    server.hang_up();
    says(&server, "the configuration was read again\"");
}
