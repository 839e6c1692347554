//! Where a database is: `postgres://user:password@host:port/name?…`.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

/// Longer than any with a sensible number of hosts.
const LONGEST: usize = 4096;

/// Where PostgreSQL listens unless it is told to do otherwise.
const USUAL_PORT: u16 = 5432;

/// The URL of a database. What it shows of itself holds no password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    pub(super) config: Box<Config>,
    pub(super) encryption: Encryption,
    shown: String,
}

/// How the connection to the server is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Not at all.
    Off,
    /// By TLS; the server proves its name by a certificate of the machine's roots, or of those in a file.
    Verified { roots: Option<PathBuf> },
}

/// Why a URL names no database. Never repeats the URL: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    /// It is none, or has parameters that are not understood.
    #[error(
        "expected `postgres://USER:PASSWORD@HOST/DATABASE`, what is special in a password percent-encoded"
    )]
    Malformed,
    /// It names no host.
    #[error(
        "names no host: for a socket, write its folder percent-encoded, such as `postgres://bulla@%2Frun%2Fpostgresql/bulla`"
    )]
    NoHost,
    /// It names no database.
    #[error("names no database: expected `postgres://USER:PASSWORD@HOST/DATABASE`")]
    NoDatabase,
    /// It asks for encryption that need not be there.
    #[error(
        "has an `sslmode` that promises nothing: expected `verify-full`, or `disable` where the network is your own"
    )]
    UncertainEncryption,
    /// It names authorities, and asks for no encryption.
    #[error("has an `sslrootcert` that nothing is checked by, since `sslmode` is `disable`")]
    IdleRoots,
}

impl PostgresUrl {
    /// Its hosts, one by one.
    pub(super) fn hosts(&self) -> Vec<Config> {
        let hosts = self.config.get_hosts();
        let one = |number: usize| single(&self.config, number);
        (0..hosts.len()).map(one).collect()
    }

    /// Whether whoever reads it can sign in.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }
}

impl FromStr for PostgresUrl {
    type Err = PostgresUrlError;

    fn from_str(text: &str) -> Result<Self, PostgresUrlError> {
        if text.len() > LONGEST {
            return Err(PostgresUrlError::Malformed);
        }
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        // The second one is of a password that is not encoded: what follows the first would be taken for the host, and shown.
        if address.matches('@').count() > 1 {
            return Err(PostgresUrlError::Malformed);
        }
        let parameters = Parameters::of(query)?;
        let rest = format!("{address}?{}", parameters.others.join("&"));
        let mut config: Config = rest.parse().map_err(|_| PostgresUrlError::Malformed)?;
        if config.get_hosts().is_empty() {
            return Err(PostgresUrlError::NoHost);
        }
        // What follows an `@` that is not encoded would be shown as part of a host, and is part of the password.
        if config.get_hosts().iter().any(is_torn) {
            return Err(PostgresUrlError::Malformed);
        }
        let Some(database) = config.get_dbname().filter(|name| !name.is_empty()) else {
            return Err(PostgresUrlError::NoDatabase);
        };
        let shown = shown(&config, database);
        let roots = parameters.roots;
        let encryption = match parameters.mode.as_deref() {
            Some("disable") if roots.is_some() => return Err(PostgresUrlError::IdleRoots),
            Some("disable") => Encryption::Off,
            // A certificate that nobody checks proves nothing: to ask for encryption is to ask for the right server.
            Some("require" | "verify-ca" | "verify-full") => Encryption::Verified { roots },
            Some(_) => return Err(PostgresUrlError::UncertainEncryption),
            // Who names the authorities wants them to be asked.
            None if roots.is_none() && config.get_hosts().iter().all(is_local) => Encryption::Off,
            None => Encryption::Verified { roots },
        };
        config.ssl_mode(match encryption {
            Encryption::Off => SslMode::Disable,
            Encryption::Verified { .. } => SslMode::Require,
        });
        if config.get_application_name().is_none() {
            config.application_name("bulla");
        }
        // Of several hosts, the one that is not a standby.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        Ok(Self {
            config: Box::new(config),
            encryption,
            shown,
        })
    }
}

/// What comes after the `?`: what we read, and what is left for the driver.
#[derive(Default)]
struct Parameters<'a> {
    mode: Option<String>,
    roots: Option<PathBuf>,
    others: Vec<&'a str>,
}

impl<'a> Parameters<'a> {
    fn of(query: &'a str) -> Result<Self, PostgresUrlError> {
        let mut parameters = Self::default();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", mode)) => parameters.mode = Some(decoded(mode)?),
                Some(("sslrootcert", path)) => parameters.roots = Some(decoded(path)?.into()),
                _ => parameters.others.push(parameter),
            }
        }
        Ok(parameters)
    }
}

fn decoded(text: &str) -> Result<String, PostgresUrlError> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    Ok(decoded
        .map_err(|_| PostgresUrlError::Malformed)?
        .into_owned())
}

/// All that the configuration says, of one of its hosts.
fn single(config: &Config, number: usize) -> Config {
    let mut one = Config::new();
    match &config.get_hosts()[number] {
        Host::Tcp(name) => one.host(name),
        Host::Unix(folder) => one.host_path(folder),
    };
    if let Some(address) = config.get_hostaddrs().get(number) {
        one.hostaddr(*address);
    }
    // One port may be everybody's.
    let ports = config.get_ports();
    if let Some(port) = ports.get(number).or(ports.first()) {
        one.port(*port);
    }
    if let Some(user) = config.get_user() {
        one.user(user);
    }
    if let Some(password) = config.get_password() {
        one.password(password);
    }
    if let Some(database) = config.get_dbname() {
        one.dbname(database);
    }
    if let Some(options) = config.get_options() {
        one.options(options);
    }
    if let Some(name) = config.get_application_name() {
        one.application_name(name);
    }
    if let Some(interval) = config.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding())
        .target_session_attrs(config.get_target_session_attrs());
    one
}

fn is_torn(host: &Host) -> bool {
    matches!(host, Host::Tcp(name) if name.contains('@'))
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    }
}

fn shown(config: &Config, database: &str) -> String {
    let ports = config.get_ports();
    let port = |number: usize| ports.get(number).or(ports.first()).copied();
    let hosts = config.get_hosts().iter().enumerate();
    let hosts = hosts.map(|(number, host)| {
        let host = match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        };
        match port(number) {
            None | Some(USUAL_PORT) => host,
            Some(port) => format!("{host}:{port}"),
        }
    });
    let hosts: Vec<String> = hosts.collect();
    let user = config.get_user().map(|user| format!("{user}@"));
    let user = user.unwrap_or_default();
    format!("postgres://{user}{}/{database}", hosts.join(","))
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresUrl").field(&self.shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> PostgresUrl {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_url_shows_all_but_its_password() {
        for (text, shown) in [
            (
                "postgres://bulla:s3cret%2F%40@db.example.com:5433/auth?connect_timeout=3",
                "postgres://bulla@db.example.com:5433/auth",
            ),
            (
                "postgresql://bulla:s3cret@%2Frun%2Fpostgresql/auth",
                "postgres://bulla@/run/postgresql/auth",
            ),
            (
                "postgres://bulla@a,[::1]:1,b/auth?password=s3cret&sslmode=disable",
                "postgres://bulla@a,[::1]:1,b/auth",
            ),
        ] {
            let url = url(text);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("s3cret"), "{url:?}");
        }
    }

    #[test]
    fn the_network_is_trusted_only_where_it_is_the_machine_or_where_one_is_told_to() {
        let verified = |roots: Option<&str>| Encryption::Verified {
            roots: roots.map(PathBuf::from),
        };
        for (text, expected) in [
            ("postgres://u@localhost/d", Encryption::Off),
            ("postgres://u@127.0.0.1/d", Encryption::Off),
            ("postgres://u@[::1]/d", Encryption::Off),
            ("postgres://u@%2Frun/d", Encryption::Off),
            ("postgres://u%40corp:x%40y@localhost/d", Encryption::Off),
            ("postgres://u@db/d?sslmode=disable", Encryption::Off),
            ("postgres://u@db/d", verified(None)),
            ("postgres://u@127.0.0.1,db/d", verified(None)),
            ("postgres://u@localhost/d?sslmode=require", verified(None)),
            (
                "postgres://u@localhost/d?sslrootcert=%2Fetc%2Fdb.pem",
                verified(Some("/etc/db.pem")),
            ),
            (
                "postgres://u@db/d?sslmode=verify-full&sslrootcert=%2Fetc%2Fdb.pem",
                verified(Some("/etc/db.pem")),
            ),
        ] {
            assert_eq!(url(text).encryption, expected, "{text}");
        }
    }

    #[test]
    fn what_names_no_database_is_refused_without_being_repeated() {
        use PostgresUrlError as E;
        let long = format!("postgres://u:s3cret@db/{}", "d".repeat(LONGEST));
        for (text, expected) in [
            ("", E::Malformed),
            ("sqlite:s3cret", E::Malformed),
            ("postgres://u:s3cret@db:port/d", E::Malformed),
            ("postgres://u:p@s3cret@db/d", E::Malformed),
            ("postgres://u:p@a/s3cret@db/d", E::Malformed),
            ("postgres://u:s3cret@db/d?unknown=1", E::Malformed),
            ("postgres://u:s3cret@db/d?sslmode=%FF", E::Malformed),
            (long.as_str(), E::Malformed),
            ("postgres://u:x@s3cret@db/d", E::Malformed),
            ("postgres://u:x@s3cret@db,db2/d", E::Malformed),
            ("postgres:///d", E::NoHost),
            ("postgres://u:s3cret@db", E::NoDatabase),
            (
                "postgres://u:s3cret@db/d?sslmode=prefer",
                E::UncertainEncryption,
            ),
            (
                "postgres://u:s3cret@db/d?sslmode=disable&sslrootcert=db.pem",
                E::IdleRoots,
            ),
        ] {
            let refused = text.parse::<PostgresUrl>().unwrap_err();
            assert_eq!(refused, expected, "{text}");
            assert!(!refused.to_string().contains("s3cret"), "{refused}");
        }
    }
}
