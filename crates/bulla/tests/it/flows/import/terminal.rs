//! How far it is: told to whoever looks, and to nobody else.

use super::line;
use crate::harness::{Folder, folder::command, terminal::converse};

/// Goes to the beginning of the line and clears it.
const ANEW: &str = "\r\x1b[K";

#[test]
fn a_terminal_sees_how_far_it_is_and_a_pipe_nothing() {
    let folder = Folder::new();
    let users: String = (0..3000)
        .map(|number| line(&format!("user{number}@example.com")))
        .collect();
    folder.write("users.ndjson", &users);
    let arguments = ["user", "import", "users.ndjson", "--format", "bulla"];
    let mut on_terminal = command(folder.path());
    on_terminal.args(arguments);
    let (code, shown) = converse(on_terminal, &[]);
    assert_eq!(code, Some(0), "{shown:?}");
    let lines: Vec<&str> = shown.split(ANEW).collect();
    let [_, progress @ .., sum] = &lines[..] else {
        panic!("there is no progress in {shown:?}")
    };
    assert!(!progress.is_empty(), "{shown:?}");
    for line in progress {
        assert!(
            line.contains("% \u{b7} ") && line.contains(" read, ") && line.ends_with("/s"),
            "{line:?}"
        );
    }
    // Nothing of it is left.
    assert!(sum.starts_with("3000 read: 3000 made, "), "{shown:?}");

    let on_a_pipe = folder.bulla(&arguments).succeed();
    assert_eq!(on_a_pipe.stderr, "");
    let [first, ..] = &on_a_pipe.stdout.lines().collect::<Vec<_>>()[..] else {
        panic!("there is a sum")
    };
    assert_eq!(
        *first,
        "3000 read: 0 made, 3000 were there before, 0 skipped"
    );
}
