use std::{fs, process::Command};

use super::{files, root};

#[test]
fn every_diagram_is_what_its_script_draws() {
    let script = root().join("docs/concepts/diagrams/draw.py");
    let output = Command::new("python3")
        .arg(script)
        .arg("--check")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[test]
fn every_diagram_can_be_read_out_and_is_shown_somewhere() {
    let docs = root().join("docs");
    let pages = files(&docs.join("concepts"), ".md");
    let pages: String = pages
        .iter()
        .map(|page| fs::read_to_string(page).unwrap())
        .collect();
    let diagrams = files(&docs, ".svg");
    assert!(!diagrams.is_empty());
    for diagram in diagrams {
        let drawn = fs::read_to_string(&diagram).unwrap();
        assert!(drawn.contains("<title id=") && drawn.contains("<desc id="));
        let name = diagram.file_name().unwrap().to_str().unwrap();
        assert!(pages.contains(&format!("](diagrams/{name})")), "{name}");
    }
}
