//! `public_url`, `trusted_proxies`, `demo`, `[listen]`, `[store]`, `[limits]`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use crate::config::{
    reader::{Mistake, Section, boolean, list, parsed, text},
    settings::{AddressLimit, Listen, Store},
    tree::Node,
    values::{Cidr, HttpOrigin, InvalidValue, Rate, parse_address},
};

pub(super) fn public_url(top: &mut Section<'_>) -> Option<HttpOrigin> {
    top.read("public_url", parsed(str::parse))
}

pub(super) fn trusted_proxies(top: &mut Section<'_>) -> Vec<Cidr> {
    top.read("trusted_proxies", list(parsed(str::parse)))
        .unwrap_or_default()
}

pub(super) fn demo(top: &mut Section<'_>) -> Option<bool> {
    top.read("demo", boolean)
}

pub(super) fn listen(mut section: Section<'_>) -> Listen {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let public = section.read("public", parsed(parse_address));
    let admin = section.read("admin", parsed(parse_address));
    let listen = Listen {
        public: public.unwrap_or(loopback(8080)),
        admin: admin.unwrap_or(loopback(9090)),
    };
    // Port 0 is a different one each time.
    if listen.public == listen.admin && listen.public.port() != 0 {
        let message = format!(
            "is {} like `listen.public`: two listeners need two ports",
            listen.admin
        );
        section.problem("admin", message, None);
    }
    section.finish();
    listen
}

pub(super) fn store(mut section: Section<'_>) -> Store {
    let store = section.read("url", store_url);
    section.finish();
    store.unwrap_or_else(|| Store::Sqlite {
        path: PathBuf::from("bulla-data/bulla.db"),
    })
}

pub(super) fn address_limit(mut section: Section<'_>) -> AddressLimit {
    let limit = section.read(
        "address",
        parsed(|text| match text {
            "off" => Ok(AddressLimit::Off),
            rate => rate
                .parse::<Rate>()
                .map(AddressLimit::Rate)
                .map_err(|invalid| {
                    InvalidValue::new(format!("`off` or {}", invalid.expected), invalid.suggestion)
                }),
        }),
    );
    section.finish();
    limit.unwrap_or(AddressLimit::Off)
}

/// Never repeats what it found: the URL of a database may hold a password.
fn store_url(node: &Node) -> Result<Store, Vec<Mistake>> {
    let url = text(node)?;
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let message = "PostgreSQL is not supported by this version: expected `sqlite:PATH`";
        return Err(Mistake::one(message, None));
    }
    let expected = "expected `sqlite:` and a path, such as `sqlite:bulla-data/bulla.db`";
    match url.strip_prefix("sqlite:") {
        Some(path) if path.starts_with("//") => {
            // Two slashes would mean the root folder to the system, and a host to whoever wrote them.
            let path = path.trim_start_matches("//");
            Err(Mistake::one(
                expected,
                (!path.is_empty()).then(|| format!("sqlite:{path}")),
            ))
        }
        Some(path) if !path.is_empty() => Ok(Store::Sqlite {
            path: PathBuf::from(path),
        }),
        _ => Err(Mistake::one(expected, None)),
    }
}
