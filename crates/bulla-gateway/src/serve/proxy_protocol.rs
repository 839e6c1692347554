//! The PROXY protocol: what a proxy says about a connection before anything else is said on it.
//!
//! Versions 1 and 2 of <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>. Exactly the header is read, and
//! what is not as the text says it must be is refused.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// What version 2 begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// The longest line of version 1, with its end.
const MAX_LINE: usize = 107;

/// What follows version 2's lengths: addresses and what a proxy adds, such as a client's certificate.
const MAX_BLOCK: usize = 4096;

/// A header that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadHeader {
    #[error("the PROXY header broke off: {0}")]
    Io(#[from] io::Error),
    #[error("there is no well-formed PROXY header")]
    Malformed,
    #[error("the PROXY header is too long")]
    TooLong,
}

/// Reads a header; the address of the client it tells of, or `None` if it tells of nobody: the proxy itself connected, or
/// does not know.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Option<IpAddr>, BadHeader> {
    let mut start = [0; SIGNATURE.len()];
    stream.read_exact(&mut start).await?;
    if start == SIGNATURE {
        return read_block(stream).await;
    }
    if !start.starts_with(b"PROXY ") {
        return Err(BadHeader::Malformed);
    }
    let mut line = start.to_vec();
    while !line.ends_with(b"\r\n") {
        // Never more than the end of the line can be: what follows is not ours.
        let missing = if line.ends_with(b"\r") { 1 } else { 2 };
        if line.len() + missing > MAX_LINE {
            return Err(BadHeader::TooLong);
        }
        let mut next = [0; 2];
        stream.read_exact(&mut next[..missing]).await?;
        line.extend_from_slice(&next[..missing]);
    }
    line.truncate(line.len() - 2);
    parse_line(&line).ok_or(BadHeader::Malformed)
}

async fn read_block(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<IpAddr>, BadHeader> {
    let mut fixed = [0; 4];
    stream.read_exact(&mut fixed).await?;
    let [command, family, length @ ..] = fixed;
    let length = usize::from(u16::from_be_bytes(length));
    if length > MAX_BLOCK {
        return Err(BadHeader::TooLong);
    }
    let mut block = vec![0; length];
    stream.read_exact(&mut block).await?;
    parse_block(command, family, &block).ok_or(BadHeader::Malformed)
}

/// Version 1, without the end of the line.
fn parse_line(line: &[u8]) -> Option<Option<IpAddr>> {
    let line = str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("PROXY ")?;
    if rest == "UNKNOWN" || rest.starts_with("UNKNOWN ") {
        return Some(None);
    }
    let mut words = rest.split(' ');
    let family = words.next()?;
    let address = |word: &str| match family {
        "TCP4" => word.parse().ok().map(IpAddr::V4),
        "TCP6" => word.parse().ok().map(IpAddr::V6),
        _ => None,
    };
    let source = address(words.next()?)?;
    address(words.next()?)?;
    port(words.next()?)?;
    port(words.next()?)?;
    words.next().is_none().then_some(Some(source))
}

fn port(word: &str) -> Option<u16> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    let padded = word.len() > 1 && word.starts_with('0');
    word.parse().ok().filter(|_| digits && !padded)
}

/// Version 2: command, family and protocol, and the block behind the length.
fn parse_block(command: u8, family: u8, block: &[u8]) -> Option<Option<IpAddr>> {
    match command {
        // LOCAL: whatever else it says is to be ignored.
        0x20 => return Some(None),
        0x21 => {}
        _ => return None,
    }
    let (source, extensions) = match family {
        0x00 => (None, block),
        0x11 => {
            let (addresses, rest) = block.split_at_checked(12)?;
            let source: [u8; 4] = addresses[..4].try_into().ok()?;
            (Some(Ipv4Addr::from(source).into()), rest)
        }
        0x21 => {
            let (addresses, rest) = block.split_at_checked(36)?;
            let source: [u8; 16] = addresses[..16].try_into().ok()?;
            (Some(Ipv6Addr::from(source).into()), rest)
        }
        // A socket in the proxy's file system.
        0x31 => (None, block.split_at_checked(216)?.1),
        _ => return None,
    };
    are_extensions(extensions).then_some(source)
}

/// Whether these are types, each with a length and so many bytes.
fn are_extensions(mut rest: &[u8]) -> bool {
    while let [_, high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match tail.get(length..) {
            Some(tail) => rest = tail,
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests;
