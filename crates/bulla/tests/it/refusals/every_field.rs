//! Every field of every request that the descriptions name, with what attackers write into it.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use crate::harness::{Answer, Folder, Http, Server, Session, session};

const ADMIN: &str = "root@example.com";

/// An operation that takes a JSON body.
struct Operation {
    http: Http,
    method: String,
    path: String,
    /// The fields, and what each may be.
    fields: Map<String, Value>,
}

/// A server with somebody of each kind.
struct Scene {
    folder: Folder,
    server: Server,
    admin: Session,
    /// Whom administrators change.
    subject: Session,
    made: Cell<u32>,
}

impl Scene {
    fn new() -> Self {
        let folder = Folder::new();
        let server = folder
            .server()
            .env("BULLA__LOG__ACCESS", "all")
            .env("BULLA__LOG__FIELDS", "subject,address,path")
            .env("BULLA_LOG", "debug")
            .start();
        folder
            .bulla(&["user", "add", ADMIN, "--role", "admin", "--password-stdin"])
            .stdin(format!("{}\n", session::PASSWORD))
            .succeed();
        Self {
            admin: Session::login(server.public, ADMIN),
            subject: Session::register(server.public, "subject@example.com"),
            folder,
            server,
            made: Cell::new(0),
        }
    }

    /// All operations of both listeners that take a JSON body.
    fn operations(&self) -> Vec<Operation> {
        let public = self.server.public.get("/openapi.json").send();
        let admin = self.server.admin.get("/admin/openapi.json").send();
        let mut found = described(self.server.public, &public.expect(200));
        found.extend(described(self.server.admin, &admin.expect(200)));
        assert!(found.len() > 10, "{}", found.len());
        found
    }

    fn next_number(&self) -> u32 {
        self.made.set(self.made.get() + 1);
        self.made.get()
    }

    /// Sends a body, as somebody who may.
    fn send(&self, operation: &Operation, caller: &str, body: &Value) -> Answer {
        let path = operation
            .path
            .replace("{id}", &self.subject.id)
            .replace("{who}", &self.subject.user)
            .replace("{prefix}", "192.0.2.1");
        let request = operation.http.request(&operation.method, &path);
        request.bearer(caller).json(body).send()
    }

    /// The token of a new somebody who may: nothing that was done before is in their way.
    fn caller(&self, operation: &Operation) -> String {
        if operation.path.starts_with("/admin/") {
            return self.admin.access_token.clone();
        }
        if operation.path == "/auth/upgrade" || operation.path == "/auth/anonymous" {
            let url = self.server.public.url();
            let visitor = self
                .folder
                .bulla(&["token", "anonymous", "--url", &url, "--json"]);
            return visitor.json()["access_token"].as_str().unwrap().to_owned();
        }
        let email = format!("caller{}@example.com", self.next_number());
        Session::register(self.server.public, &email).access_token
    }

    /// A body in which every field is something of its kind.
    fn body(&self, operation: &Operation) -> Map<String, Value> {
        let fields = operation.fields.iter();
        fields
            .filter_map(|(name, schema)| Some((name.clone(), self.example(name, schema)?)))
            .collect()
    }

    fn example(&self, name: &str, schema: &Value) -> Option<Value> {
        let number = self.next_number();
        Some(match name {
            "email" => json!(format!("user{number}@example.com")),
            // Where exactly one of them is wanted, it is the other.
            "username" | "mode" => return None,
            _ if is(schema, "string") => json!("a long enough passphrase"),
            _ if is(schema, "integer") => json!(1),
            _ if is(schema, "boolean") => json!(false),
            _ if is(schema, "array") => json!([]),
            _ => json!({}),
        })
    }
}

fn described(http: Http, document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            // An optional body is one of `null` and a reference.
            let mut choices = schema["oneOf"].as_array().into_iter().flatten();
            let reference = choices.find(|choice| choice["$ref"].is_string());
            let reference = reference.unwrap_or(schema)["$ref"].as_str().unwrap();
            let schema = document.pointer(&reference[1..]).unwrap();
            found.push(Operation {
                http,
                method: method.to_uppercase(),
                path: path.clone(),
                fields: schema["properties"].as_object().unwrap().clone(),
            });
        }
    }
    found
}

fn is(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|found| found == kind),
        found => found == kind,
    }
}

#[test]
fn no_body_makes_anybody_more_than_they_are() {
    let scene = Scene::new();
    for operation in scene.operations() {
        let caller = scene.caller(&operation);
        for (field, value) in [
            ("role", json!("admin")),
            ("roles", json!(["admin"])),
            ("plan", json!("enterprise")),
            ("epoch", json!(99)),
            ("claims", json!({"beta": true})),
            ("id", json!("usr_root")),
            ("is_admin", json!(true)),
            ("email_verified", json!(true)),
            ("__proto__", json!({"role": "admin"})),
        ] {
            if operation.fields.contains_key(field) {
                assert!(operation.path.starts_with("/admin/"), "{}", operation.path);
                continue;
            }
            for body in [Map::new(), scene.body(&operation)] {
                let mut body = body;
                body.insert(field.to_owned(), value.clone());
                let answer = scene.send(&operation, &caller, &Value::Object(body));
                let (method, path) = (&operation.method, &operation.path);
                assert_eq!(
                    answer.status,
                    422,
                    "{method} {path} {field}: {}",
                    answer.text()
                );
                answer.expect_problem(422, "field_unknown");
            }
        }
    }
    // Nobody has become anything.
    let users = scene.folder.bulla(&["user", "list", "--json"]).json();
    for user in users["users"].as_array().unwrap() {
        let roles = if user["email"] == ADMIN {
            json!(["admin"])
        } else {
            json!([])
        };
        assert_eq!(
            (&user["roles"], &user["plan"]),
            (&roles, &json!("free")),
            "{user}"
        );
    }
}

const EVIL: [&str; 6] = [
    "'; DROP TABLE accounts; --",
    "\" OR 1=1 --",
    "a\r\nX-Injected: canary\r\n\r\n<script>",
    "\u{1b}[31mcanary\u{1b}]0;title\u{7}",
    "nul\u{0}canary",
    "\u{202e}canary\u{2028}",
];

#[test]
fn whatever_is_written_into_a_text_it_is_only_text() {
    let scene = Scene::new();
    let show = || {
        let users = scene.folder.bulla(&["user", "show", ADMIN, "--json"]);
        users.json()
    };
    let before = show();
    for operation in scene.operations() {
        let texts = operation.fields.iter();
        for (field, _) in texts.filter(|(_, schema)| is(schema, "string")) {
            let caller = scene.caller(&operation);
            for evil in EVIL {
                try_text(&scene, &operation, &caller, field, evil);
            }
        }
    }
    try_urls(&scene);
    assert_eq!(before, show());
    // The control: what is a name is one, and comes back as it was written.
    let written = "Robert'); DROP TABLE accounts;--";
    let name = scene.server.public.request("PATCH", "/auth/me");
    let renamed = name
        .bearer(&scene.subject.access_token)
        .json(&json!({"name": written}));
    assert_eq!(renamed.send().expect(200)["name"], written);

    let log = scene.server.stop();
    assert!(log.contains("/auth/me"), "{log}");
    let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}' || c == '\u{2028}';
    assert!(!log.contains(raw), "{log}");
    for line in log.lines() {
        assert!(line.starts_with('{'), "{line}");
    }
}

/// Nothing fails, nothing gets into the answer's head, and no refusal repeats it.
fn try_text(scene: &Scene, operation: &Operation, caller: &str, field: &str, evil: &str) {
    let mut body = scene.body(operation);
    body.insert(field.to_owned(), json!(evil));
    let answer = scene.send(operation, caller, &Value::Object(body));
    let (method, path, said) = (&operation.method, &operation.path, answer.text());
    assert!(answer.status < 500, "{method} {path} {field}: {said}");
    assert_eq!(answer.header("x-injected"), None, "{method} {path} {field}");
    if answer.status >= 400 {
        assert!(!said.contains("canary"), "{said}");
    }
}

fn try_urls(scene: &Scene) {
    for evil in [
        "%27%3B%20DROP%20TABLE%20accounts%3B--",
        "%1b%5B31mcanary",
        "canary%0d%0aX-Injected:%201",
    ] {
        for (http, path) in [
            (scene.server.public, "/auth/sessions/"),
            (scene.server.admin, "/admin/users/"),
            (scene.server.admin, "/admin/audit?account="),
            (scene.server.admin, "/admin/users?after="),
        ] {
            let request = http.get(&format!("{path}{evil}"));
            let status = request.bearer(&scene.admin.access_token).send().status;
            assert!((400..500).contains(&status), "{path}{evil}: {status}");
        }
    }
}
