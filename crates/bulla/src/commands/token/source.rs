//! Where a command takes its token from.

use std::io::{self, Read};

use anyhow::Context;

/// The argument, or else standard input without the space around it.
///
/// # Errors
/// Standard input is no text.
pub(super) fn token(argument: Option<&str>) -> anyhow::Result<String> {
    if let Some(token) = argument {
        return Ok(token.to_owned());
    }
    let mut token = String::new();
    io::stdin()
        .lock()
        .read_to_string(&mut token)
        .context("standard input holds no text")?;
    Ok(token.trim().to_owned())
}
