//! What a connection speaks, as its first bytes tell.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// What an HTTP/2 connection starts with (RFC 9113 section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1.1 or older.
    Http1,
    /// HTTP/2.
    Http2,
}

/// Reads until it is known what the connection speaks, at most as long as the beginning of HTTP/2 is. The bytes belong to
/// the conversation: whoever [holds](Begun) it reads them first. The caller sets a deadline: no time limit of either
/// protocol counts yet.
pub(super) async fn read<T: AsyncRead + Unpin>(io: &mut T) -> io::Result<(Protocol, Bytes)> {
    let mut first = [0; PREFACE.len()];
    let mut filled = 0;
    while filled < first.len() {
        let read = io.read(&mut first[filled..]).await?;
        filled += read;
        if read == 0 || first[..filled] != PREFACE[..filled] {
            let read = Bytes::copy_from_slice(&first[..filled]);
            return Ok((Protocol::Http1, read));
        }
    }
    Ok((Protocol::Http2, Bytes::from_static(PREFACE)))
}

/// A connection of which the first bytes were read, and are read once more.
#[derive(Debug)]
pub(super) struct Begun<T> {
    io: T,
    first: Bytes,
}

impl<T> Begun<T> {
    pub(super) const fn new(io: T, first: Bytes) -> Self {
        Self { io, first }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Begun<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.first.is_empty() {
            return Pin::new(&mut this.io).poll_read(context, buffer);
        }
        let length = this.first.len().min(buffer.remaining());
        buffer.put_slice(&this.first[..length]);
        this.first.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Begun<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(context, buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// What two pieces show, and how many bytes were read to see it.
    async fn shown(first: &[u8], second: &[u8]) -> (Protocol, usize) {
        let (protocol, read) = read(&mut AsyncReadExt::chain(first, second)).await.unwrap();
        assert!([first, second].concat().starts_with(&read));
        (protocol, read.len())
    }

    #[tokio::test]
    async fn the_first_byte_that_differs_decides() {
        let http1 = |read| (Protocol::Http1, read);
        assert_eq!(shown(b"GET / HTTP/1.1\r\n", b"more").await, http1(16));
        assert_eq!(shown(b"PRI * HTTP", b"/1.1\r\n").await, http1(16));
        assert_eq!(shown(b"P", b"OST").await, http1(4));
    }

    #[tokio::test]
    async fn the_whole_preface_decides() {
        let http2 = (Protocol::Http2, PREFACE.len());
        assert_eq!(shown(PREFACE, b"more").await, http2);
        assert_eq!(shown(&PREFACE[..23], &PREFACE[23..]).await, http2);
        let cut = (Protocol::Http1, 23);
        assert_eq!(shown(&PREFACE[..23], b"").await, cut);
    }

    #[tokio::test]
    async fn what_was_read_is_read_once_more() {
        let mut io: &[u8] = b"GET / HTTP/1.1\r\n and a lot more than that";
        let whole = io;
        let (_, first) = read(&mut io).await.unwrap();
        let mut all = Vec::new();
        Begun::new(io, first).read_to_end(&mut all).await.unwrap();
        assert_eq!(all, whole);
    }
}
