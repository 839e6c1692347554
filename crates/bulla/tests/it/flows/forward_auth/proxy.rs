//! One real proxy, on a free port, by its file in `deploy/`.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::harness::{Folder, Http, poll, upstream::Upstream};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nginx,
    HaProxy,
    Caddy,
}

/// A proxy that answers. It is killed when the test lets go of it.
pub(super) struct Proxy {
    pub(super) kind: Kind,
    pub(super) http: Http,
    child: Child,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Nginx, Self::HaProxy, Self::Caddy];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::HaProxy => "haproxy",
            Self::Caddy => "caddy",
        }
    }

    /// Its configuration, and the command that runs it in the foreground as one process.
    fn configure(self, folder: &Folder, port: u16, places: &[(&str, String)]) -> Command {
        let path = |name: &str| folder.path().join(name);
        let here = folder.path().display();
        let mut command = Command::new(self.name());
        match self {
            Self::Nginx => {
                let text = deployed(
                    "nginx/bulla.conf",
                    places,
                    "listen 80;",
                    &format!("listen 127.0.0.1:{port};"),
                );
                let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
                let folders = kinds
                    .map(|kind| format!("{kind}_temp_path {here}/{kind};"))
                    .join(" ");
                let frame = format!(
                    "daemon off; master_process off; pid {here}/pid; error_log stderr; events {{}}\n\
                     http {{ access_log off; {folders}\n{text}}}"
                );
                let file = folder.write("nginx.conf", frame);
                command
                    .args(["-e", "stderr", "-p"])
                    .arg(folder.path())
                    .arg("-c")
                    .arg(file);
            }
            Self::HaProxy => {
                folder.write("bulla.lua", read("haproxy/bulla.lua"));
                let text = deployed(
                    "haproxy/haproxy.cfg",
                    places,
                    "bind :80",
                    &format!("bind 127.0.0.1:{port}"),
                );
                let text = replaced(
                    &text,
                    "/etc/haproxy/bulla.lua",
                    &path("bulla.lua").display().to_string(),
                );
                command
                    .arg("-db")
                    .arg("-f")
                    .arg(folder.write("haproxy.cfg", text));
            }
            Self::Caddy => {
                let site = format!("http://:{port} {{\n\tbind 127.0.0.1");
                let text = deployed("caddy/Caddyfile", places, ":80 {", &site);
                let text = replaced(&text, "# copy_headers", "copy_headers");
                let text = format!("{{\n\tadmin off\n}}\n{text}");
                command.args(["run", "--adapter", "caddyfile", "--config"]);
                command
                    .arg(folder.write("Caddyfile", text))
                    .env("HOME", folder.path());
            }
        }
        // Debian keeps servers where only root looks.
        let search = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{search}:/usr/sbin"));
        command
    }
}

impl Proxy {
    /// Starts one between `bulla` and an API. The port is free when it is chosen, and may be somebody else's when it is
    /// bound: then another one is tried.
    pub(super) fn start(kind: Kind, folder: &Folder, bulla: Http, api: &Upstream) -> Self {
        let places = [
            ("127.0.0.1:8080", bulla.0.to_string()),
            ("127.0.0.1:3000", api.url().replace("http://", "")),
        ];
        for _ in 0..10 {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let log = folder.path().join("proxy.log");
            let mut child = kind
                .configure(folder, address.port(), &places)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(File::create(&log).unwrap())
                .spawn()
                .unwrap_or_else(|error| panic!("{}: {error}; ./test installs it", kind.name()));
            let listening = poll::until(kind.name(), || match child.try_wait().unwrap() {
                Some(_) => Some(false),
                None => TcpStream::connect(address).is_ok().then_some(true),
            });
            if listening {
                let http = Http(address);
                return Self { kind, http, child };
            }
            let said = fs::read_to_string(&log).unwrap();
            assert!(said.contains("in use"), "{}: {said}", kind.name());
        }
        panic!("no free port for {}", kind.name());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file of `deploy/`, with these addresses in place of its own.
fn deployed(name: &str, places: &[(&str, String)], listen: &str, here: &str) -> String {
    let places = places.iter().map(|(place, here)| (*place, here.as_str()));
    let all = places.chain([(listen, here)]);
    all.fold(read(name), |text, (place, here)| {
        // Comments name the addresses too.
        assert!(text.contains(place), "{place} in {name}");
        text.replace(place, here)
    })
}

fn replaced(text: &str, place: &str, here: &str) -> String {
    assert!(text.contains(place), "{place} in {text}");
    text.replace(place, here)
}

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    fs::read_to_string(folder.join(name)).unwrap()
}
