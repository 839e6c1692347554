//! The one direction in which crates depend, proven from what cargo knows.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Which crates a crate may use: what the arrows reach, by any way. Tests may use `bulla-test` too.
const MAY_USE: [(&str, &[&str]); 8] = [
    ("bulla-jose", &[]),
    ("bulla-core", &["bulla-jose"]),
    ("bulla-guard", &["bulla-jose"]),
    ("bulla-gateway", &["bulla-guard", "bulla-jose"]),
    ("bulla-server", &["bulla-core", "bulla-guard", "bulla-jose"]),
    (
        "bulla",
        &[
            "bulla-server",
            "bulla-gateway",
            "bulla-core",
            "bulla-guard",
            "bulla-jose",
        ],
    ),
    ("bulla-test", &["bulla-core", "bulla-jose"]),
    (
        "bulla-bench",
        &[
            "bulla-server",
            "bulla-gateway",
            "bulla-core",
            "bulla-guard",
            "bulla-jose",
            // It measures on the same PostgreSQL that the tests start.
            "bulla-test",
        ],
    ),
];

/// What a crate must not reach, not even through others.
const MUST_NOT_REACH: [(&str, &[&str]); 4] = [
    (
        "bulla-jose",
        &[
            "tokio", "http", "hyper", "rusqlite", "time", "chrono", "jiff",
        ],
    ),
    (
        "bulla-core",
        &["tokio", "http", "hyper", "axum", "rusqlite"],
    ),
    ("bulla-guard", &["rusqlite", "argon2", "axum"]),
    ("bulla-gateway", &["rusqlite", "argon2", "axum"]),
];

#[test]
fn crates_depend_in_one_direction() {
    let workspace = Workspace::read();
    for (name, allowed) in MAY_USE {
        for dependency in workspace.direct(name, "normal") {
            let outside = !workspace.members.contains(&dependency);
            assert!(
                outside || allowed.contains(&dependency.as_str()),
                "{name} uses {dependency}"
            );
        }
        for dependency in workspace.direct(name, "dev") {
            let outside = !workspace.members.contains(&dependency);
            // A crate's tests may ask for its own features.
            let known = allowed.contains(&dependency.as_str())
                || dependency == "bulla-test"
                || dependency == name;
            assert!(outside || known, "the tests of {name} use {dependency}");
        }
    }
    let known: BTreeSet<String> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(
        workspace.members.is_subset(&known),
        "draw the arrows of {:?}",
        workspace.members
    );
}

#[test]
fn crates_reach_nothing_that_they_must_never_have() {
    let workspace = Workspace::read();
    for (name, forbidden) in MUST_NOT_REACH {
        let reached = workspace.reach(name);
        for dependency in forbidden {
            assert!(
                !reached.contains(*dependency),
                "{name} reaches {dependency}"
            );
        }
    }
    assert!(
        workspace.reach("bulla").contains("rusqlite"),
        "the control reaches nothing"
    );
}

#[test]
fn no_crate_is_a_drawer_for_everything() {
    for name in Workspace::read().members {
        for part in name.split('-') {
            assert!(
                !["common", "util", "utils", "error", "types", "shared"].contains(&part),
                "{name}"
            );
        }
    }
}

#[test]
fn every_crate_has_the_workspaces_lints() {
    for (name, manifest) in Workspace::read().manifests {
        let manifest = std::fs::read_to_string(manifest).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}");
    }
}

#[test]
fn cargo_run_runs_the_one_binary() {
    let workspace = Workspace::read();
    assert_eq!(
        workspace.default_members,
        BTreeSet::from(["bulla".to_owned()])
    );
    // What measures is a program too, but nobody's to install.
    assert_eq!(workspace.binaries, ["bulla", "bulla-bench"]);
}

#[test]
fn no_dependency_asks_for_a_newer_rust_than_we_do() {
    let oldest = Workspace::read().oldest_rust;
    let ours = &oldest["bulla"];
    assert!(ours > &vec![1, 0], "the workspace names no oldest Rust");
    for (name, theirs) in &oldest {
        assert!(
            theirs <= ours,
            "{name} asks for {theirs:?}, we for {ours:?}"
        );
    }
}

/// What `cargo metadata` says.
struct Workspace {
    members: BTreeSet<String>,
    default_members: BTreeSet<String>,
    binaries: Vec<String>,
    manifests: BTreeMap<String, String>,
    /// The parts of `rust-version`, by package; 1.0 where none is named. Of two versions of one, the newer counts.
    oldest_rust: BTreeMap<String, Vec<u32>>,
    /// By package id.
    graph: BTreeMap<String, Package>,
}

/// A package's name, and what it depends on.
type Package = (String, Vec<Edge>);

/// The id of a package that is depended on, and the kinds of dependency.
type Edge = (String, BTreeSet<String>);

impl Workspace {
    fn read() -> Self {
        // Of other platforms not even the sources are here.
        let platform = format!("--filter-platform={}", host());
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version=1",
                "--offline",
                "--locked",
                &platform,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let packages: BTreeMap<&str, &Value> = array(&metadata["packages"])
            .map(|package| (text(&package["id"]), package))
            .collect();
        let names = |ids: &Value| -> BTreeSet<String> {
            array(ids)
                .map(|id| text(&packages[text(id)]["name"]).to_owned())
                .collect()
        };
        let members = || array(&metadata["workspace_members"]).map(|id| packages[text(id)]);
        Self {
            members: names(&metadata["workspace_members"]),
            default_members: names(&metadata["workspace_default_members"]),
            binaries: members().flat_map(binaries).collect(),
            manifests: members()
                .map(|package| {
                    (
                        text(&package["name"]).to_owned(),
                        text(&package["manifest_path"]).to_owned(),
                    )
                })
                .collect(),
            oldest_rust: oldest_rust(&metadata),
            graph: array(&metadata["resolve"]["nodes"])
                .map(|node| {
                    let name = text(&packages[text(&node["id"])]["name"]).to_owned();
                    (
                        text(&node["id"]).to_owned(),
                        (name, array(&node["deps"]).map(edge).collect()),
                    )
                })
                .collect(),
        }
    }

    /// The packages that a member depends on itself, of this kind (`normal` or `dev`).
    fn direct(&self, name: &str, kind: &str) -> BTreeSet<String> {
        let (_, dependencies) = self
            .graph
            .values()
            .find(|(found, _)| found == name)
            .unwrap();
        dependencies
            .iter()
            .filter(|(_, kinds)| kinds.contains(kind))
            .map(|(id, _)| self.graph[id].0.clone())
            .collect()
    }

    /// Every package that a member depends on, by itself or through others, tests aside.
    fn reach(&self, name: &str) -> BTreeSet<String> {
        let start = self
            .graph
            .iter()
            .find(|(_, (found, _))| found == name)
            .unwrap()
            .0;
        let (mut reached, mut ahead) = (BTreeSet::new(), vec![start]);
        while let Some(id) = ahead.pop() {
            for (dependency, kinds) in &self.graph[id].1 {
                if kinds.contains("normal") && reached.insert(dependency.clone()) {
                    ahead.push(dependency);
                }
            }
        }
        reached.iter().map(|id| self.graph[id].0.clone()).collect()
    }
}

/// The platform this machine builds for, as cargo calls it.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}

fn oldest_rust(metadata: &Value) -> BTreeMap<String, Vec<u32>> {
    let mut oldest: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for package in array(&metadata["packages"]) {
        let version = package["rust_version"].as_str().unwrap_or("1.0");
        // 1.89 and 1.89.0 are one version.
        let parts: Vec<u32> = version
            .split('.')
            .take(2)
            .map(|part| part.parse().unwrap())
            .collect();
        let known = oldest.entry(text(&package["name"]).to_owned()).or_default();
        *known = known.clone().max(parts);
    }
    oldest
}

fn binaries(package: &Value) -> Vec<String> {
    array(&package["targets"])
        .filter(|target| array(&target["kind"]).any(|kind| kind == "bin"))
        .map(|target| text(&target["name"]).to_owned())
        .collect()
}

/// A dependency's id and kinds; cargo calls the normal kind null.
fn edge(dependency: &Value) -> Edge {
    let kinds = array(&dependency["dep_kinds"])
        .map(|kind| kind["kind"].as_str().unwrap_or("normal").to_owned())
        .collect();
    (text(&dependency["pkg"]).to_owned(), kinds)
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
