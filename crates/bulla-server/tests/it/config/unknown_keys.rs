//! A key that nobody asked for is refused, with what was probably meant.

use super::{UPSTREAM, said};

fn check(text: &str, key: &str, meant: Option<&str>) {
    let line = 1 + text.matches('\n').count();
    let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
    let expected = format!("bulla.toml:{line}: `{key}`: unknown key{meant}");
    assert_eq!(said(text), expected);
}

#[test]
fn a_misspelled_key_has_its_line_and_a_suggestion() {
    check("\npublik_url = 1", "publik_url", Some("public_url"));
    check(
        "[listen]\npubilc = 1",
        "listen.pubilc",
        Some("listen.public"),
    );
    check("[store]\nuri = 1", "store.uri", Some("store.url"));
    check(
        "[tokens]\naudiance = 1",
        "tokens.audiance",
        Some("tokens.audience"),
    );
    check(
        "[session]\nsetle = 1",
        "session.setle",
        Some("session.settle"),
    );
    check(
        "[password]\nmin-length = 1",
        "password.min-length",
        Some("password.min_length"),
    );
    check(
        "[limits]\naddres = 1",
        "limits.addres",
        Some("limits.address"),
    );
    check("[[routes]]", "routes", Some("route"));
    let route = format!("{UPSTREAM}[[route]]\npath = \"/\"\nupstream = \"orders\"\nmethod = 1");
    check(&route, "route[1].method", Some("route[1].methods"));
}

#[test]
fn a_key_of_another_section_is_found_there() {
    check("issuer = 1", "issuer", Some("tokens.issuer"));
    check(
        "[tokens]\nsettle = 1",
        "tokens.settle",
        Some("session.settle"),
    );
}

#[test]
fn a_key_like_no_other_has_no_suggestion() {
    check("nonsense = 1", "nonsense", None);
    check("[tokens]\nnonsense = 1", "tokens.nonsense", None);
}

#[test]
fn what_this_version_does_not_do_is_not_accepted_silently() {
    let section = said("[fleet]");
    assert!(section.contains("unknown key"), "{section}");
    let said = said(&format!(
        "{UPSTREAM}[[route]]\npath = \"/\"\nupstream = \"orders\"\nmax_staleness = \"60s\""
    ));
    assert!(said.contains("unknown key"), "{said}");
}
