//! One spelling for every path.
//!
//! A gateway and the service behind it must read a path alike, or a rule that looks at one spelling is passed in
//! another. So there is one canonical form, made once; rules are matched against it **and the upstream gets it**:
//! escapes that are not needed are undone, those that are needed have upper-case digits, what must be escaped is,
//! repeated `/` are merged, and `.` and `..` are resolved (RFC 3986 sections 2.1, 3.3 and 6.2.2). What could still be
//! read in two ways is refused.

use std::borrow::Cow;

/// The canonical form of a request's path (without its query). Borrowed when the path already is canonical.
///
/// # Errors
/// The path could be read in two ways: the request is refused with 400 `request_malformed`.
pub fn canonicalize(path: &str) -> Result<Cow<'_, str>, AmbiguousPath> {
    if !path.starts_with('/') {
        return Err(AmbiguousPath::NoLeadingSlash);
    }
    if is_canonical(path.as_bytes()) {
        return Ok(Cow::Borrowed(path));
    }
    let escaped = rewrite_escapes(path.as_bytes())?;
    refuse_hidden_escapes(escaped.as_bytes())?;
    resolve_dots(&escaped).map(Cow::Owned)
}

/// A path that the gateway and an upstream might read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmbiguousPath {
    /// It is no path at all.
    #[error("the path does not start with `/`")]
    NoLeadingSlash,
    /// A `%` without two hexadecimal digits.
    #[error("the path has a `%` that two hexadecimal digits do not follow")]
    BadEscape,
    /// Decoded, it is not UTF-8.
    #[error("the path is not UTF-8")]
    NotUtf8,
    /// `%2F`, `%5C`, `%3B`, `%00`, `\` or `;`: separators for some servers, names for others.
    #[error("the path has an escaped `/`, a `\\`, a `;` or a NUL")]
    Separator,
    /// `%25` before what, decoded once more, would be a plain character or a separator.
    #[error("the path has an escaped `%` that hides another escape")]
    HiddenEscape,
    /// More `..` than segments before them.
    #[error("the path has more `..` than segments")]
    AboveRoot,
}

/// Whether nothing needs to be done: the common case, one pass without a copy.
fn is_canonical(path: &[u8]) -> bool {
    let mut after_slash = false;
    for &byte in path {
        if !(is_plain(byte) || byte == b'/') || (after_slash && (byte == b'/' || byte == b'.')) {
            return false;
        }
        after_slash = byte == b'/';
    }
    true
}

/// Undoes needless escapes and makes the needed ones.
fn rewrite_escapes(path: &[u8]) -> Result<String, AmbiguousPath> {
    let mut escaped = String::with_capacity(path.len());
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, was_escaped) = if first == b'%' {
            let byte = hex_pair(tail).ok_or(AmbiguousPath::BadEscape)?;
            rest = &tail[2..];
            (byte, true)
        } else {
            rest = tail;
            (first, false)
        };
        decoded.push(byte);
        match byte {
            b'/' if !was_escaped => escaped.push('/'),
            b'/' | b'\\' | b';' | 0 => return Err(AmbiguousPath::Separator),
            plain if is_plain(plain) => escaped.push(char::from(plain)),
            other => push_escape(&mut escaped, other),
        }
    }
    match std::str::from_utf8(&decoded) {
        Ok(_) => Ok(escaped),
        Err(_) => Err(AmbiguousPath::NotUtf8),
    }
}

/// Refuses `%25` (however often escaped) before two digits that would, decoded once more, be something that rules are
/// about. It looks at the rewritten path, so digits that were themselves escaped hide nothing.
fn refuse_hidden_escapes(path: &[u8]) -> Result<(), AmbiguousPath> {
    let hides = |position: usize| {
        let mut rest = &path[position..];
        while let Some(deeper) = rest.strip_prefix(b"25") {
            rest = deeper;
        }
        hex_pair(rest)
            .is_some_and(|byte| is_unreserved(byte) || matches!(byte, b'/' | b'\\' | b';' | 0))
    };
    let hidden = path
        .windows(3)
        .enumerate()
        .any(|(start, window)| window == b"%25" && hides(start + 3));
    if hidden {
        Err(AmbiguousPath::HiddenEscape)
    } else {
        Ok(())
    }
}

/// Merges `/` and resolves `.` and `..`.
fn resolve_dots(path: &str) -> Result<String, AmbiguousPath> {
    let mut resolved = String::with_capacity(path.len());
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "" | "." => {}
            ".." => {
                let parent = resolved.rfind('/').ok_or(AmbiguousPath::AboveRoot)?;
                resolved.truncate(parent);
            }
            name => {
                resolved.push('/');
                resolved.push_str(name);
                continue;
            }
        }
        // `/a/.` and `/a/b/..` are the folder `/a/`, not the resource `/a`.
        if segments.peek().is_none() {
            resolved.push('/');
        }
    }
    Ok(resolved)
}

/// Characters that stand for themselves in a segment (`pchar`, RFC 3986 section 3.3), but for `;`.
fn is_plain(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,=:@".contains(&byte)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn hex_pair(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    Some(digit(*digits.first()?)? << 4 | digit(*digits.get(1)?)?)
}

fn push_escape(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 0xf)]));
}

#[cfg(test)]
mod tests;
