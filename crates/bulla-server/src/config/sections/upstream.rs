//! `[[upstream]]`

use crate::config::{
    reader::{Mistake, Section, list, parsed, text},
    settings::Upstream,
    tree::Node,
    values::HttpOrigin,
};

pub(super) fn upstreams(top: &mut Section<'_>) -> Vec<Upstream> {
    let mut upstreams: Vec<Upstream> = Vec::new();
    for mut section in top.sections("upstream") {
        let twice = |name: &String| upstreams.iter().any(|other| other.name == *name);
        let name = section.require("name", |node| match text(node)? {
            name if twice(&name) => Err(Mistake::one(
                format!("there are two upstreams `{name}`"),
                None,
            )),
            name => Ok(name),
        });
        let servers = section.require("servers", servers);
        let origin = section.origin();
        section.finish();
        // A bad server list is a problem of its own: the routes to this upstream are none.
        if let Some(name) = name {
            let servers = servers.unwrap_or_default();
            upstreams.push(Upstream {
                name,
                servers,
                origin,
            });
        }
    }
    upstreams
}

fn servers(node: &Node) -> Result<Vec<HttpOrigin>, Vec<Mistake>> {
    match list(parsed(str::parse))(node)? {
        servers if servers.is_empty() => Err(Mistake::one("needs at least one server", None)),
        servers => Ok(servers),
    }
}
