//! The command line is a client of the admin API.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

use serde_json::Value;

use crate::harness::Folder;

/// Of the groups of commands about what the admin API is about: every subcommand, as somebody would call it.
const COMMANDS: [(&str, &[&[&str]]); 5] = [
    (
        "user",
        &[
            &["add", "ada@example.com"],
            &["list"],
            &["show", "ada@example.com"],
            &["export", "ada@example.com"],
            &["import", "users.ndjson", "--format", "bulla"],
            &["set", "ada@example.com", "--plan", "pro"],
            &["disable", "ada@example.com"],
            &["enable", "ada@example.com"],
            &["delete", "ada@example.com"],
        ],
    ),
    (
        "session",
        &[
            &["list", "ada@example.com"],
            &["revoke", "AAAAAAAAAAAAAAAAAAAAAA"],
            &["revoke", "--all"],
        ],
    ),
    (
        "client",
        &[
            &["add", "billing"],
            &["list"],
            &["show", "billing"],
            &["set", "billing", "--disable"],
            &["rotate-secret", "billing"],
            &["remove", "billing"],
        ],
    ),
    (
        "ban",
        &[
            &["list"],
            &["add", "198.51.100.7"],
            &["remove", "198.51.100.7"],
        ],
    ),
    (
        "keys",
        &[
            &["list"],
            &["rotate"],
            &["revoke", "2026-01"],
            &["import", "key.pem"],
        ],
    ),
];

/// Makes a file, and is about no server: `bulla keys generate`.
const WITHOUT_A_SERVER: &str = "generate";

/// A server at the socket of this folder that knows nothing, and the requests that it gets.
fn listening(folder: &Folder) -> Receiver<String> {
    let data = folder.path().join("bulla-data");
    fs::create_dir(&data).unwrap();
    let listener = UnixListener::bind(data.join("admin.sock")).unwrap();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = sender.send(refused(stream));
        }
    });
    requests
}

/// Answers 404, and tells the beginning of the request.
fn refused(mut stream: UnixStream) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let body = r#"{"code":"not_found","detail":"nothing is here"}"#;
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 404 Not Found\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).unwrap();
    first
}

/// Whether `GET /admin/users/ada HTTP/1.1` is a request of the description.
fn is_described(request: &str, description: &Value) -> bool {
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let path = path.split('?').next().unwrap();
    let is_path = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(part, found)| part.starts_with('{') || part == found)
    };
    let paths = description["paths"].as_object().unwrap().iter();
    let mut operations = paths.filter(|(template, _)| is_path(template));
    operations.any(|(_, operations)| operations[method.to_lowercase()].is_object())
}

#[test]
fn every_subcommand_asks_what_the_api_describes_and_nothing_else() {
    let server = Folder::new().server().start();
    let description = server.admin.get("/admin/openapi.json").send().expect(200);
    let folder = Folder::new();
    folder.write("users.ndjson", r#"{"email":"ada@example.com"}"#);
    folder.write("key.pem", "what is in it is read by the server");
    let requests = listening(&folder);
    for (group, commands) in COMMANDS {
        let help = folder.bulla(&[group, "--help"]).succeed().stdout;
        let listed = help.split("Commands:").nth(1).unwrap();
        let listed = listed.lines().skip(1).take_while(|line| !line.is_empty());
        let mut listed: Vec<_> = listed
            .map(|line| line.split_whitespace().next().unwrap())
            .collect();
        listed.retain(|name| !["help", WITHOUT_A_SERVER].contains(name));
        listed.sort_unstable();
        let mut known: Vec<_> = commands.iter().map(|command| command[0]).collect();
        known.sort_unstable();
        known.dedup();
        assert_eq!(listed, known, "the subcommands of {group}");
        for command in commands {
            let arguments = [&[group], *command].concat();
            folder.bulla(&arguments).refused(&["nothing is here"]);
            let request = requests.try_recv().expect("it asked nobody");
            assert!(
                is_described(&request, &description),
                "{arguments:?}: {request}"
            );
        }
    }
    // Where a server answers, nothing is opened or made beside it.
    let data = fs::read_dir(folder.path().join("bulla-data")).unwrap();
    assert_eq!(data.count(), 1);
}
