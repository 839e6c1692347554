//! A terminal with somebody at it.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    process::{Command, Stdio},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Runs a command on a terminal and answers its questions: each answer is typed when its question
/// is there. Returns the exit code and all that the terminal showed.
pub(crate) fn converse(mut command: Command, dialogue: &[(&str, &str)]) -> (Option<i32>, String) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new())
        .unwrap()
        .into_string()
        .unwrap();
    let terminal = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name)
        .unwrap();
    let on_terminal = || Stdio::from(terminal.try_clone().unwrap());
    command
        .stdin(on_terminal())
        .stdout(on_terminal())
        .stderr(on_terminal());
    let mut child = command.spawn().unwrap();
    drop((command, terminal));

    let mut controller = File::from(controller);
    let mut shown = String::new();
    let mut seen = 0;
    for (question, answer) in dialogue {
        while !shown[seen..].contains(question) {
            assert!(
                read_some(&mut controller, &mut shown),
                "no {question:?} in {shown:?}"
            );
        }
        seen = shown.len();
        controller
            .write_all(format!("{answer}\n").as_bytes())
            .unwrap();
    }
    while read_some(&mut controller, &mut shown) {}
    (child.wait().unwrap().code(), shown)
}

/// Whether there was more; the end of the last program on a terminal is an error (EIO).
fn read_some(controller: &mut File, shown: &mut String) -> bool {
    let mut bytes = [0; 1024];
    match controller.read(&mut bytes) {
        Ok(0) | Err(_) => false,
        Ok(read) => {
            shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
            true
        }
    }
}
