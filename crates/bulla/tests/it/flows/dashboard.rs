//! The Grafana dashboard asks for what a running Bulla has.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Folder, Session, upstream::Upstream};

const DASHBOARD: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../deploy/grafana/bulla.json"
));

#[test]
fn every_metric_of_the_dashboard_is_exposed_and_no_metric_of_the_gateway_is_left_out() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    let routes = format!(
        "[[upstream]]\nname = \"up\"\nservers = [\"{}\"]\n\
         [[upstream]]\nname = \"down\"\nservers = [\"http://127.0.0.1:1\"]\n\
         [plans.free]\nrate = \"1/h\"\n\
         [[route]]\npath = \"/limited\"\nupstream = \"up\"\nlimit = \"plan\"\n\
         [[route]]\npath = \"/up\"\nupstream = \"up\"\n\
         [[route]]\npath = \"/down\"\nupstream = \"down\"\n",
        upstream.url()
    );
    folder.write("bulla.toml", routes);
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    for (path, status) in [
        ("/up", 200),
        ("/down", 502),
        ("/nowhere", 404),
        ("/limited", 200),
        ("/limited", 429),
    ] {
        let request = server.public.get(path).bearer(&session.access_token);
        request.send().expect(status);
    }
    let metrics = server.admin.get("/metrics").send().text();
    let exposed: BTreeSet<&str> = metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();

    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut queries = Vec::new();
    collect(&dashboard, "expr", &mut queries);
    collect(&dashboard, "query", &mut queries);
    let asked: BTreeSet<&str> = queries.iter().flat_map(|query| names(query)).collect();
    for name in &asked {
        assert!(exposed.contains(name), "{name} is not in {metrics}");
    }
    // Of a histogram, the dashboard needs the buckets alone.
    let derived = |name: &str| name.ends_with("_sum") || name.ends_with("_count");
    for name in &exposed {
        let gateways = name.starts_with("bulla_gateway_") && !derived(name);
        assert!(!gateways || asked.contains(name), "{name} is on no panel");
    }
}

/// All texts under this key, however deep.
fn collect<'json>(value: &'json Value, key: &str, texts: &mut Vec<&'json str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == key => texts.push(text),
                    other => collect(other, key, texts),
                }
            }
        }
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| collect(element, key, texts)),
        _ => {}
    }
}

/// The metrics that a query names.
fn names(query: &str) -> impl Iterator<Item = &str> {
    query
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| word.starts_with("bulla_"))
}
