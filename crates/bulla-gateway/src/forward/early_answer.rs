//! Servers that answer before they have read.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};

/// A connection over which an answer is read even if nothing can be written any more.
///
/// A server may answer, say that a body is too large, and close with the rest of it unread. Then writing fails although
/// the answer is there; and because writing comes first, it would be lost as often as not. Here a write that has failed
/// only waits: the next read has the answer, or the end.
#[derive(Debug)]
pub(super) struct EarlyAnswer<T> {
    io: T,
    broken: bool,
}

impl<T> EarlyAnswer<T> {
    pub(super) const fn over(io: T) -> Self {
        Self { io, broken: false }
    }

    fn note(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "an upstream reads no more");
                self.broken = true;
                Poll::Pending
            }
            other => other,
        }
    }
}

impl<T: Read + Unpin> Read for EarlyAnswer<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_read(context, buffer)
    }
}

impl<T: Write + Unpin> Write for EarlyAnswer<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.broken {
            return Poll::Pending;
        }
        let written = Pin::new(&mut this.io).poll_write(context, bytes);
        this.note(written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.broken {
            return Poll::Pending;
        }
        Pin::new(&mut this.io).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.broken {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.broken {
            return Poll::Pending;
        }
        let written = Pin::new(&mut this.io).poll_write_vectored(context, buffers);
        this.note(written)
    }
}
