//! What is wrong with a file as a whole, a variable or a flag; and everything at once.

use bulla_server::config::{Config, ConfigError, ConfigSources};

use super::{UPSTREAM, file, nothing};

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let sources = file(
        "trusted_proxies = [\n  \"10.0.0.0/8\",\n  \"x\",\n  \"y\",\n]\n\
         [tokens]\nalgoritm = \"ES256\"\naudience = 1\n[listen]\nadmin = 1",
    );
    let sources = sources
        .variable("BULLA__DEMO", "maybe")
        .flag("session.settle", "soon");
    let lines = sources.lines();
    let places: Vec<_> = lines
        .iter()
        .filter_map(|line| line.split(": expected").next())
        .collect();
    assert_eq!(
        places,
        [
            "bulla.toml:3: `trusted_proxies`",
            "bulla.toml:4: `trusted_proxies`",
            "bulla.toml:7: `tokens.algoritm`: unknown key; did you mean `tokens.algorithm`?",
            "bulla.toml:8: `tokens.audience`",
            "bulla.toml:10: `listen.admin`",
            "BULLA__DEMO: `demo`",
            "flag for `session.settle`: `session.settle`",
        ]
    );
}

#[test]
fn a_variable_that_is_no_setting_is_refused() {
    let check = |name: &str, expected: &str| {
        assert_eq!(
            nothing().variable(name, "x").lines(),
            [format!("{name}: {expected}")]
        );
    };
    check(
        "BULLA__LISTEN__PUBILC",
        "`listen.pubilc`: unknown key; did you mean `listen.public`?",
    );
    check("BULLA__NONSENSE", "`nonsense`: unknown key");
    check("BULLA__", "unknown key");
    check(
        "BULLA__PUBLIC_URL__X",
        "`public_url`: expected a text, found a table",
    );
}

#[test]
fn what_comes_many_times_comes_from_the_file_only() {
    let lines = file(UPSTREAM)
        .variable("BULLA__UPSTREAM__NAME", "x")
        .lines();
    assert_eq!(
        lines,
        ["BULLA__UPSTREAM__NAME: `upstream`: only the file can set this"]
    );
}

#[test]
fn a_bad_upstream_flag_is_refused() {
    let lines = nothing().flag("upstream", "localhost:3000").lines();
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with("flag for `upstream`: expected a URL"),
        "{lines:?}"
    );
    assert!(
        lines[0].ends_with("did you mean `http://localhost:3000`?"),
        "{lines:?}"
    );
}

#[test]
fn what_is_no_toml_has_its_line() {
    for (text, line) in [
        ("demo = true\n[listen", 2),
        ("a = 1\n\na = 2", 3),
        ("\n= 1", 2),
    ] {
        let lines = file(text).lines();
        assert!(
            lines[0].starts_with(&format!("bulla.toml:{line}: ")),
            "{lines:?}"
        );
    }
}

#[test]
fn a_file_that_is_missing_or_unreadable_is_said_by_name() {
    let folder = file("");
    let missing = folder.folder.path().join("missing.toml");
    for path in [missing, folder.folder.path().to_owned()] {
        let sources = ConfigSources {
            file: Some(path.clone()),
            ..ConfigSources::default()
        };
        let refused = Config::load(sources).unwrap_err();
        assert!(
            matches!(refused, ConfigError::Unreadable { .. }),
            "{refused}"
        );
        assert!(
            refused.to_string().starts_with(&path.display().to_string()),
            "{refused}"
        );
    }
}
