//! A client that writes bytes and reads answers.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

use super::within_patience;

/// A connection to the gateway, or from it.
pub(crate) struct Wire<S = TcpStream> {
    pub(crate) stream: S,
    buffer: Vec<u8>,
}

/// An answer, its chunks joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        // The other side may have answered and closed before it read everything.
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// The next answer, to a request of this method.
    pub(crate) async fn answer(&mut self, method: &str) -> Answer {
        let head = self.head().await.unwrap();
        let status = head[9..12].parse().unwrap();
        let empty = method == "HEAD" || status == 101 || status == 204 || status == 304;
        let body = if empty {
            Vec::new()
        } else {
            self.body(&head, true).await.unwrap().0
        };
        Answer {
            status,
            head,
            body: String::from_utf8(body).unwrap(),
        }
    }

    /// The next head, with the empty line; `None` at the end.
    pub(crate) async fn head(&mut self) -> Option<String> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head = self.buffer.drain(..end + 4).collect();
                return Some(String::from_utf8(head).unwrap());
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// The body that belongs to a head: its bytes, and as they stood on the wire. Without a length, an answer's body
    /// goes on to the end, and a request has none. `None` if it broke off.
    pub(crate) async fn body(&mut self, head: &str, to_end: bool) -> Option<(Vec<u8>, Vec<u8>)> {
        if header(head, "transfer-encoding").is_some() {
            return self.chunks().await;
        }
        let length = header(head, "content-length").map(|length| length.parse::<usize>().unwrap());
        let body = match length {
            None if to_end => self.rest().await.into_bytes(),
            length => self.bytes(length.unwrap_or(0)).await?,
        };
        Some((body.clone(), body))
    }

    /// All that comes until the end.
    pub(crate) async fn rest(&mut self) -> String {
        while self.fill().await {}
        String::from_utf8(std::mem::take(&mut self.buffer)).unwrap()
    }

    /// What is left of a chunked body.
    pub(crate) async fn rest_of_chunks(&mut self) -> String {
        String::from_utf8(self.chunks().await.unwrap().0).unwrap()
    }

    /// The next so many bytes; `None` if fewer come.
    pub(crate) async fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < count {
            if !self.fill().await {
                return None;
            }
        }
        Some(self.buffer.drain(..count).collect())
    }

    async fn chunks(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut body, mut raw) = (Vec::new(), Vec::new());
        loop {
            let line = self.line().await?;
            let size = usize::from_str_radix(line.trim(), 16).unwrap();
            raw.extend_from_slice(line.as_bytes());
            if size == 0 {
                break;
            }
            let chunk = self.bytes(size + 2).await?;
            body.extend_from_slice(&chunk[..size]);
            raw.extend_from_slice(&chunk);
        }
        loop {
            let line = self.line().await?;
            raw.extend_from_slice(line.as_bytes());
            if line == "\r\n" {
                return Some((body, raw));
            }
        }
    }

    /// The next line, with its end; `None` if it breaks off.
    pub(crate) async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                return String::from_utf8(self.buffer.drain(..end + 2).collect()).ok();
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    async fn fill(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.buffer);
        let read = within_patience("a byte or the end of the connection", read).await;
        // A reset is an end too: the other side closed with something unread.
        read.unwrap_or(0) > 0
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        self.problem()["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn problem(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The one header of this name; `None` without it.
pub(crate) fn header<'head>(head: &'head str, name: &str) -> Option<&'head str> {
    let mut values = head.lines().skip(1).filter_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    });
    let value = values.next();
    assert_eq!(values.next(), None, "several {name} in {head}");
    value
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
