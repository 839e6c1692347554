//! Command lines that cannot be understood: exit code 2.

use crate::harness::Folder;

#[test]
fn wrong_usage_is_exit_code_2() {
    let folder = Folder::new();
    let wrong: [&[&str]; 9] = [
        &["severe"],
        &["serve", "--upstream"],
        &["user", "add"],
        &["gateway", "--jwks", "keys.json"],
        &["token", "verify"],
        &["completions", "cobol"],
        &["user", "show", ""],
        &["session", "list", ""],
        &["session", "revoke", ""],
    ];
    for arguments in wrong {
        let finished = folder.bulla(arguments).run();
        assert_eq!(finished.code, 2, "{arguments:?}: {finished:?}");
        assert!(
            finished.stdout.is_empty() && finished.stderr.starts_with("error:"),
            "{finished:?}"
        );
    }
    assert!(!folder.exists("bulla-data"));
}

#[test]
fn help_and_version_are_no_failures() {
    let folder = Folder::new();
    let help = folder.bulla(&["--help"]).succeed().stdout;
    for command in [
        "serve",
        "gateway",
        "user",
        "session",
        "token",
        "check-config",
        "migrate",
    ] {
        assert!(help.contains(command), "{command} in {help}");
    }
    let version = folder.bulla(&["--version"]).succeed().stdout;
    assert_eq!(
        version.trim(),
        format!("bulla {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn errors_are_json_for_programs() {
    let folder = Folder::new();
    folder.bulla(&["user", "add", "ada@example.com"]).succeed();
    let finished = folder
        .bulla(&["user", "show", "nobody@example.com", "--json"])
        .refused(&[]);
    let error: serde_json::Value = serde_json::from_str(&finished.stderr).unwrap();
    assert_eq!(error["error"]["code"], "not_found", "{error}");
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("nobody@example.com")
    );
}

#[test]
fn completions_name_the_subcommands() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.bulla(&["completions", shell]).succeed().stdout;
        assert!(script.contains("check-config"), "{shell}");
    }
}

#[test]
fn migrating_twice_is_migrating_once() {
    let folder = Folder::new();
    folder.bulla(&["migrate"]).succeed();
    let once = folder.read("bulla-data/bulla.db");
    folder.bulla(&["migrate"]).succeed();
    assert_eq!(folder.read("bulla-data/bulla.db"), once);
    folder.server().start();
}

#[test]
fn in_the_wrong_folder_nothing_is_made() {
    let folder = Folder::new();
    let commands: [&[&str]; 4] = [
        &["user", "list"],
        &["user", "show", "ada@example.com"],
        &["user", "delete", "ada@example.com"],
        &["session", "list", "ada@example.com"],
    ];
    for arguments in commands {
        folder.bulla(arguments).refused(&["no bulla-data here"]);
    }
    assert!(!folder.exists("bulla-data"));
}
