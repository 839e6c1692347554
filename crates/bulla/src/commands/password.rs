//! How a command comes by a password: from a pipe, or asked for on the terminal. Never from an
//! argument, which every other process can read.

use std::{
    io::{self, BufRead, IsTerminal, Read, Write},
    os::fd::AsFd,
};

use anyhow::{Context, bail};
use bulla_server::admin::SecretText;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// More bytes than any password may have; the exact limit is the server's business.
const MOST: usize = 4096;

/// The password on standard input: all of it, without the line feed at its end.
///
/// # Errors
/// Standard input is empty or no text.
pub(super) fn from_standard_input() -> anyhow::Result<SecretText> {
    let mut text = Zeroizing::new(String::with_capacity(MOST));
    let mut input = io::stdin().lock().take(u64::try_from(MOST)?);
    input
        .read_to_string(&mut text)
        .context("no password can be read from standard input")?;
    let password = without_line_end(&text);
    if password.is_empty() {
        bail!("there is no password on standard input");
    }
    Ok(SecretText::new(password.to_owned()))
}

/// Asks for a password on the terminal, twice, without showing it. `None` if there is no terminal,
/// or only Enter was pressed.
///
/// # Errors
/// The two differ, or the terminal fails.
pub(super) fn asked_for(name: &str) -> anyhow::Result<Option<SecretText>> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let password = ask(&format!(
        "Password for {name} (Enter alone: one is made for you): "
    ))?;
    if password.is_empty() {
        return Ok(None);
    }
    if ask("The same again: ")? != password {
        bail!("the two passwords differ");
    }
    Ok(Some(SecretText::new(password.as_str().to_owned())))
}

fn ask(question: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut terminal = io::stderr();
    let mut line = Zeroizing::new(String::with_capacity(MOST));
    {
        // Silent before the question: whoever sees it may type at once.
        let _silent =
            Silent::start().context("the terminal does not stop showing what is typed")?;
        write!(terminal, "{question}").and_then(|()| terminal.flush())?;
        io::stdin().lock().read_line(&mut line)?;
    }
    writeln!(terminal)?;
    Ok(Zeroizing::new(without_line_end(&line).to_owned()))
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// The terminal does not show what is typed; it does again when this is dropped.
struct Silent(Termios);

impl Silent {
    fn start() -> io::Result<Self> {
        let before = tcgetattr(io::stdin().as_fd())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin().as_fd(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // If this fails there is no terminal any more.
        let _ = tcsetattr(io::stdin().as_fd(), OptionalActions::Now, &self.0);
    }
}
