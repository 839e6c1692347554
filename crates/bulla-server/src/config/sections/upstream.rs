//! `[[upstream]]`

use crate::config::{
    reader::{Mistake, Section, text},
    settings::Upstream,
};

/// The upstreams, and the names of all of them: also of those whose servers are missing, for the routes that lead
/// there are not what is wrong.
pub(super) fn upstreams(top: &mut Section<'_>) -> (Vec<Upstream>, Vec<String>) {
    let mut upstreams = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for mut section in top.sections("upstream") {
        let name = section.require("name", |node| match text(node)? {
            name if names.contains(&name) => Err(Mistake::one(
                format!("there are two upstreams `{name}`"),
                None,
            )),
            name => Ok(name),
        });
        section.needs("servers");
        let servers = section.written_list("servers");
        section.finish();
        names.extend(name.clone());
        if let (Some(name), Some(servers)) = (name, servers) {
            upstreams.push(Upstream { name, servers });
        }
    }
    (upstreams, names)
}
