//! A deadline while the protocol is not known.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

/// What an HTTP/2 connection starts with (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection whose first bytes must come in time: until they tell HTTP/1 from HTTP/2, no time limit of either
/// protocol counts yet.
#[derive(Debug)]
pub(super) struct FirstBytes<T> {
    io: T,
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    deadline: Pin<Box<Sleep>>,
    seen: usize,
}

impl<T> FirstBytes<T> {
    /// Gives the connection this long to show which protocol it speaks.
    pub(super) fn new(io: T, span: Duration) -> Self {
        Self {
            io,
            pending: Some(Pending {
                deadline: Box::pin(tokio::time::sleep(span)),
                seen: 0,
            }),
        }
    }
}

impl Pending {
    /// Whether the protocol is known once these bytes have come too.
    fn is_decided_by(&mut self, bytes: &[u8]) -> bool {
        let expected = &PREFACE[self.seen..];
        let length = expected.len().min(bytes.len());
        self.seen += length;
        bytes[..length] != expected[..length] || self.seen == PREFACE.len()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for FirstBytes<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.io).poll_read(context, buffer);
        if let Some(pending) = &mut this.pending {
            if polled.is_pending() && pending.deadline.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            if polled.is_ready() && pending.is_decided_by(&buffer.filled()[before..]) {
                this.pending = None;
            }
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for FirstBytes<T> {
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
    use super::*;

    fn decided_after(pieces: &[&[u8]]) -> Option<usize> {
        let mut pending = Pending {
            deadline: Box::pin(tokio::time::sleep(Duration::MAX)),
            seen: 0,
        };
        pieces.iter().position(|piece| pending.is_decided_by(piece))
    }

    #[tokio::test]
    async fn the_first_byte_that_differs_decides() {
        assert_eq!(decided_after(&[b"GET / HTTP/1.1\r\n"]), Some(0));
        assert_eq!(decided_after(&[b"PRI * HTTP", b"/1.1\r\n"]), Some(1));
        assert_eq!(decided_after(&[b"P", b"OST"]), Some(1));
    }

    #[tokio::test]
    async fn the_whole_preface_decides() {
        assert_eq!(decided_after(&[PREFACE]), Some(0));
        assert_eq!(decided_after(&[&PREFACE[..23]]), None);
        assert_eq!(
            decided_after(&[&PREFACE[..23], &PREFACE[23..], b""]),
            Some(1)
        );
    }
}
