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

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1.1 or older.
    Http1,
    /// HTTP/2.
    Http2,
}

/// A connection whose first bytes must come in time: until they tell HTTP/1 from HTTP/2, no time limit of either
/// protocol counts yet. They must keep to what was agreed on before.
#[derive(Debug)]
pub(super) struct FirstBytes<T> {
    io: T,
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    agreed: Option<Protocol>,
    deadline: Pin<Box<Sleep>>,
    seen: usize,
}

impl<T> FirstBytes<T> {
    /// Gives the connection this long to show which protocol it speaks. `agreed`: no other than this one.
    pub(super) fn new(io: T, agreed: Option<Protocol>, span: Duration) -> Self {
        Self {
            io,
            pending: Some(Pending {
                agreed,
                deadline: Box::pin(tokio::time::sleep(span)),
                seen: 0,
            }),
        }
    }
}

impl Pending {
    /// The protocol, if it is known once these bytes have come too.
    fn shown_by(&mut self, bytes: &[u8]) -> Option<Protocol> {
        let expected = &PREFACE[self.seen..];
        let length = expected.len().min(bytes.len());
        self.seen += length;
        if bytes[..length] != expected[..length] {
            return Some(Protocol::Http1);
        }
        (self.seen == PREFACE.len()).then_some(Protocol::Http2)
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
            if polled.is_ready()
                && let Some(shown) = pending.shown_by(&buffer.filled()[before..])
            {
                if pending.agreed.is_some_and(|agreed| agreed != shown) {
                    buffer.set_filled(before);
                    return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                }
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
    use tokio::io::AsyncReadExt as _;

    use super::*;

    fn decided_after(pieces: &[&[u8]]) -> Option<(usize, Protocol)> {
        let mut pending = Pending {
            agreed: None,
            deadline: Box::pin(tokio::time::sleep(Duration::MAX)),
            seen: 0,
        };
        let mut pieces = pieces.iter().enumerate();
        pieces.find_map(|(index, piece)| Some((index, pending.shown_by(piece)?)))
    }

    #[tokio::test]
    async fn the_first_byte_that_differs_decides() {
        let http1 = |index| Some((index, Protocol::Http1));
        assert_eq!(decided_after(&[b"GET / HTTP/1.1\r\n"]), http1(0));
        assert_eq!(decided_after(&[b"PRI * HTTP", b"/1.1\r\n"]), http1(1));
        assert_eq!(decided_after(&[b"P", b"OST"]), http1(1));
    }

    #[tokio::test]
    async fn the_whole_preface_decides() {
        let http2 = |index| Some((index, Protocol::Http2));
        assert_eq!(decided_after(&[PREFACE]), http2(0));
        assert_eq!(decided_after(&[&PREFACE[..23]]), None);
        assert_eq!(
            decided_after(&[&PREFACE[..23], &PREFACE[23..], b""]),
            http2(1)
        );
    }

    #[tokio::test]
    async fn what_was_agreed_on_is_kept_to() {
        let read = async |bytes: &'static [u8], agreed| {
            let mut all = Vec::new();
            let mut io = FirstBytes::new(bytes, Some(agreed), Duration::MAX);
            let read = io.read_to_end(&mut all).await;
            read.map_err(|error| error.kind())
        };
        let refused = Err(io::ErrorKind::InvalidData);
        assert_eq!(read(b"GET /", Protocol::Http1).await, Ok(5));
        assert_eq!(read(PREFACE, Protocol::Http2).await, Ok(PREFACE.len()));
        assert_eq!(read(b"GET /", Protocol::Http2).await, refused);
        assert_eq!(read(PREFACE, Protocol::Http1).await, refused);
    }
}
