//! `bulla token anonymous`: against the real server.

use std::process::Command;

use crate::harness::{Folder, folder::BULLA, session, terminal};

#[test]
fn it_prints_a_token_that_is_accepted() {
    let folder = Folder::new();
    let server = folder.server().start();
    let url = server.public.url();
    let printed = folder
        .bulla(&["token", "anonymous", "--url", &url])
        .succeed();
    // No terminal, no bar.
    assert_eq!(printed.stderr, "");
    let token = printed.stdout.trim_end();
    assert!(!token.contains(char::is_whitespace), "{token}");
    let answer = session::contact(server.public, token).expect(200);
    assert_eq!(answer["anonymous"], true);
}

#[test]
fn for_programs_it_prints_the_session_answer() {
    let folder = Folder::new();
    let server = folder.server().start();
    let url = server.public.url();
    for (level, plan) in [("1", "anonymous"), ("0", "anonymous_minimal")] {
        let arguments = [
            "token",
            "anonymous",
            "--url",
            &url,
            "--level",
            level,
            "--json",
        ];
        let answer = folder.bulla(&arguments).json();
        assert_eq!(
            (&answer["token_type"], &answer["user"]["plan"]),
            (&"Bearer".into(), &plan.into())
        );
        assert!(
            answer["expires_in"]
                .as_u64()
                .is_some_and(|seconds| seconds > 800)
        );
        assert_eq!(answer.get("refresh_token"), None);
        let token = answer["access_token"].as_str().unwrap();
        session::contact(server.public, token).expect(200);
    }
}

#[test]
fn on_a_terminal_a_bar_shows_how_far_it_is() {
    let folder = Folder::new();
    let server = folder.server().start();
    let mut command = Command::new(BULLA);
    command.args(["token", "anonymous", "--url", &server.public.url()]);
    let (code, shown) = terminal::converse(command, &[]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        shown.contains("[................] 0 of 16 puzzles"),
        "{shown:?}"
    );
    assert!(
        shown.contains("[########........] 8 of 16 puzzles"),
        "{shown:?}"
    );
    let line = shown.rsplit("\u{1b}[K").next().unwrap();
    session::contact(server.public, line.trim()).expect(200);
}

#[test]
fn what_gives_no_token_is_one_sentence_and_exit_code_1() {
    let folder = Folder::new();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = ["token", "anonymous", "--url", &format!("http://{closed}")];
    folder.bulla(&nobody).refused(&["cannot be reached"]);
    let server = folder
        .server()
        .env("BULLA__ANONYMOUS__ENABLED", "false")
        .start();
    let unwelcome = [
        "token",
        "anonymous",
        "--url",
        &server.public.url(),
        "--json",
    ];
    let failed = folder.bulla(&unwelcome).refused(&[]);
    let error: serde_json::Value = serde_json::from_str(&failed.stderr).unwrap();
    assert_eq!(error["error"]["code"], "not_found", "{error}");
    assert_eq!(failed.stdout, "");
}

#[test]
fn a_url_with_a_path_or_another_level_is_wrong_usage() {
    let folder = Folder::new();
    for arguments in [
        &["--url", "http://127.0.0.1:1/auth"][..],
        &["--url", "127.0.0.1"],
        &["--url", "http://127.0.0.1:1", "--level", "2"],
        &[],
    ] {
        let arguments = [&["token", "anonymous"], arguments].concat();
        let failed = folder.bulla(&arguments).run();
        assert_eq!(failed.code, 2, "{failed:?}");
    }
}
