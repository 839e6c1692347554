//! A server that strangers reach over TCP: by a password, and encrypted if it has a certificate.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt, chown},
};

use super::PostgresServer;

/// A certificate and its key in PEM.
#[derive(Debug, Clone, Copy)]
pub struct Certificate {
    /// The certificate.
    pub chain: &'static str,
    /// Its private key.
    pub key: &'static str,
}

impl PostgresServer {
    /// A new one on a port of 127.0.0.1 where [`PASSWORD`](Self::PASSWORD) is asked for by SCRAM-SHA-256, over TLS alone if
    /// there is a certificate.
    ///
    /// # Panics
    /// There is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn on_tcp(certificate: Option<Certificate>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        drop(listener);
        let mut settings = vec![
            "fsync=off".to_owned(),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
        ];
        let kind = match certificate {
            Some(_) => {
                settings.push("ssl=on".to_owned());
                "hostssl"
            }
            None => "host",
        };
        let server = Self::made(settings, port);
        let rules = format!(
            "local all all trust\n{kind} all all 127.0.0.1/32 scram-sha-256\n{kind} all all ::1/128 scram-sha-256\n"
        );
        server.write("pg_hba.conf", &rules);
        if let Some(Certificate { chain, key }) = certificate {
            server.write("server.crt", chain);
            server.write("server.key", key);
        }
        server.resume();
        let password = Self::PASSWORD;
        server.query(
            "postgres",
            &format!("CREATE ROLE signed LOGIN SUPERUSER PASSWORD '{password}'"),
        );
        server
    }

    /// The URL of a database for who comes over TCP with this password, and asks for it with these parameters.
    #[must_use]
    pub fn over_tcp(&self, database: &str, password: &str, parameters: &str) -> String {
        let (name, port) = (Self::name(database), self.port);
        format!("postgres://signed:{password}@127.0.0.1:{port}/{name}?{parameters}")
    }

    /// Writes a file that only who runs the server may read.
    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::write(&path, text).expect("its folder can be written to");
        let own = fs::Permissions::from_mode(0o600);
        fs::set_permissions(&path, own).expect("the file is ours");
        if let Some((user, group)) = self.programs.server_user() {
            chown(&path, Some(user), Some(group)).expect("root gives files away");
        }
    }
}
