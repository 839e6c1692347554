use proptest::prelude::*;

use super::*;

fn check(cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        assert_eq!(canonicalize(path).as_deref(), Ok(*expected), "{path}");
        assert_eq!(
            canonicalize(expected).as_deref(),
            Ok(*expected),
            "canonical again: {path}"
        );
    }
}

fn check_refused(paths: &[&str], expected: AmbiguousPath) {
    for path in paths {
        assert_eq!(canonicalize(path), Err(expected), "{path}");
    }
}

#[test]
fn a_canonical_path_stays_and_is_not_copied() {
    for path in [
        "/",
        "/a",
        "/a/",
        "/a/b.c/~d/-_",
        "/a:b@c!$&'()*+,=",
        "/a/b..c/d.",
    ] {
        assert!(
            matches!(canonicalize(path), Ok(Cow::Borrowed(same)) if same == path),
            "{path}"
        );
    }
}

#[test]
fn undoes_needless_escapes_and_keeps_needed_ones() {
    check(&[
        ("/%61dm%69n", "/admin"),
        ("/%7Euser/%2D%5F%2e%2ejson", "/~user/-_..json"),
        ("/%40me/a%3ab", "/@me/a:b"),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/café", "/caf%C3%A9"),
        ("/a%20b%3fc%23d", "/a%20b%3Fc%23d"),
        ("/{\"a\"}|^[0]", "/%7B%22a%22%7D%7C%5E%5B0%5D"),
        ("/100%25", "/100%25"),
        ("/a%2520b", "/a%2520b"),
        ("/100%25zz", "/100%25zz"),
    ]);
}

#[test]
fn resolves_dots_and_merges_slashes() {
    check(&[
        ("//", "/"),
        ("/.", "/"),
        ("/a/..", "/"),
        ("//a///b//", "/a/b/"),
        ("/a/./b", "/a/b"),
        ("/a/b/..", "/a/"),
        ("/a/b/../c", "/a/c"),
        ("/a//../b", "/b"),
        ("/a/%2e%2e/b", "/b"),
        ("/a/.%2E/b", "/b"),
        ("/a/.b/..c", "/a/.b/..c"),
        ("/a/...", "/a/..."),
    ]);
}

#[test]
fn refuses_separators_that_only_some_servers_see() {
    let paths = [
        "/a%2fb",
        "/a%2Fb",
        "/a\\b",
        "/a%5cb",
        "/a%00",
        "/a;b",
        "/..;/admin",
        "/a%3bb",
    ];
    check_refused(&paths, AmbiguousPath::Separator);
}

#[test]
fn refuses_an_escaped_percent_that_hides_another_escape() {
    let paths = [
        "/%252e%252e/a",
        "/a%252fb",
        "/%2561dmin",
        "/%25252e",
        "/%25%32%65",
        "/%2525255c",
        "/a%2500",
    ];
    check_refused(&paths, AmbiguousPath::HiddenEscape);
}

#[test]
fn refuses_bad_escapes_and_bad_utf8() {
    check_refused(
        &["/%", "/%2", "/%zz", "/a%+1", "/%u002e", "/%%32%65"],
        AmbiguousPath::BadEscape,
    );
    check_refused(
        &["/%ff", "/%c0%af", "/%c3", "/%ed%a0%80"],
        AmbiguousPath::NotUtf8,
    );
}

#[test]
fn refuses_to_climb_above_the_root() {
    check_refused(
        &["/..", "/a/../..", "/%2e%2e/a", "//../a", "/./../a"],
        AmbiguousPath::AboveRoot,
    );
    check_refused(&["", "*", "a/b"], AmbiguousPath::NoLeadingSlash);
}

proptest! {
    #[test]
    fn the_canonical_form_is_canonical_and_has_no_two_readings(path in "/[a.%/;\\\\025eEfFcC~é -]{0,12}") {
        if let Ok(canonical) = canonicalize(&path) {
            let again = canonicalize(&canonical);
            prop_assert_eq!(again.as_deref(), Ok(&*canonical));
            prop_assert!(is_canonical_shape(&canonical), "{}", canonical);
        }
    }

    #[test]
    fn a_name_that_is_escaped_whole_stays_one_segment(name in "[a-z0-9 é%?#&+=:@\"<>|^`{}\\[\\]]{1,8}") {
        let escaped: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        if let Ok(canonical) = canonicalize(&format!("/a/{escaped}")) {
            prop_assert_eq!(canonical.split('/').count(), 3);
            prop_assert_eq!(decode(&canonical), format!("/a/{name}"));
        } else {
            prop_assert!(name.contains('%'), "only a `%` can hide something here: {}", name);
        }
    }
}

fn is_canonical_shape(path: &str) -> bool {
    let segments: Vec<&str> = path[1..].split('/').collect();
    let (last, folders) = segments.split_last().unwrap();
    let dots = segments.iter().any(|segment| [".", ".."].contains(segment));
    !dots && folders.iter().all(|folder| !folder.is_empty()) && last.len() < path.len()
}

fn decode(path: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| hex_pair(tail).unwrap());
        decoded.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(decoded).unwrap()
}
