use std::{collections::BTreeSet, fs, path::Path};

use super::{files, root};

/// The text without what is fenced off as code.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// What the links and images of a text lead to.
fn targets(text: &str) -> Vec<String> {
    let after = text.split("](").skip(1);
    after
        .filter_map(|rest| rest.split(')').next())
        .map(str::to_owned)
        .collect()
}

/// How a heading is linked to, by GitHub and mdBook.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let slug = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter_map(|char| match char {
            ' ' => Some('-'),
            '-' | '_' => Some(char),
            char => char.is_alphanumeric().then_some(char),
        });
        kept.collect()
    };
    headings.map(slug).collect()
}

fn assert_leads_somewhere(from: &Path, text: &str, target: &str) {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => from.to_owned(),
        file => from.parent().unwrap().join(file),
    };
    assert!(path.exists(), "{}: {target}", from.display());
    if anchor.is_empty() {
        return;
    }
    let there = match file {
        "" => text.to_owned(),
        _ => prose(&fs::read_to_string(&path).unwrap()),
    };
    assert!(
        anchors(&there).contains(anchor),
        "{}: {target}",
        from.display()
    );
}

#[test]
fn every_link_leads_somewhere() {
    let mut followed = 0;
    for file in files(&root(), ".md") {
        let text = prose(&fs::read_to_string(&file).unwrap());
        let targets = targets(&text).into_iter();
        for target in targets.filter(|target| !target.starts_with("http")) {
            assert_leads_somewhere(&file, &text, &target);
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

#[test]
fn a_link_to_nowhere_is_found() {
    let text = prose("# A b\n```\n[c](none.md)\n```\n[d](#a-b) ![e](mod.rs)\n");
    assert_eq!(targets(&text), ["#a-b", "mod.rs"]);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/docs/links.rs");
    let leads = |target: &str| {
        let result = std::panic::catch_unwind(|| assert_leads_somewhere(&here, &text, target));
        result.is_ok()
    };
    assert!(leads("#a-b") && leads("mod.rs"));
    assert!(!leads("#a") && !leads("none.md"));
}

/// What is made of `docs/` by mdBook has nothing else in it.
#[test]
fn links_of_the_book_stay_in_it() {
    let docs = root().join("docs").canonicalize().unwrap();
    let mut followed = 0;
    for file in files(&docs, ".md") {
        let text = prose(&fs::read_to_string(&file).unwrap());
        for target in targets(&text) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.starts_with("http") {
                continue;
            }
            let there = file.parent().unwrap().join(path).canonicalize().unwrap();
            assert!(there.starts_with(&docs), "{}: {target}", file.display());
            followed += 1;
        }
    }
    assert!(followed > 50, "{followed}");
}

#[test]
fn every_page_is_in_the_summary() {
    let docs = root().join("docs");
    let summary = targets(&fs::read_to_string(docs.join("SUMMARY.md")).unwrap());
    for file in files(&docs, ".md") {
        let path = file.strip_prefix(&docs).unwrap().to_str().unwrap();
        let is_listed = summary.iter().any(|target| target == path);
        assert!(is_listed || path == "SUMMARY.md", "{path}");
    }
}
