//! A blocking HTTP/1.1 client of a few lines: a connection per request unless it is kept, nothing hidden.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// A server at an address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Http(pub(crate) SocketAddr);

/// A request that is being put together.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    address: SocketAddr,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, without transfer coding.
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn get(self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub(crate) fn post(self, path: &str) -> Request {
        self.request("POST", path)
    }

    pub(crate) fn delete(self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    pub(crate) fn request(self, method: &str, path: &str) -> Request {
        Request {
            address: self.0,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![("Connection".to_owned(), "close".to_owned())],
            body: None,
        }
    }

    /// `http://` and the address.
    pub(crate) fn url(self) -> String {
        format!("http://{}", self.0)
    }
}

impl Request {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves the connection open for another one.
    pub(crate) fn kept(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "Connection");
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends and reads the answer; the test fails if there is none.
    pub(crate) fn send(&self) -> Answer {
        self.try_send()
            .unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.path))
    }

    /// As [`send`](Self::send), for servers that may be killed meanwhile: an answer counts only
    /// when it arrived whole.
    pub(crate) fn try_send(&self) -> io::Result<Answer> {
        self.try_send_over(self.connect()?)
    }

    /// As [`try_send`](Self::try_send), over a connection that is there.
    pub(crate) fn try_send_over(&self, mut stream: impl Read + Write) -> io::Result<Answer> {
        stream.write_all(&self.bytes())?;
        read_answer(&mut BufReader::new(stream))
    }

    /// Connects to the server.
    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(stream)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\n",
            self.method, self.path, self.address
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(self.body.as_deref().unwrap_or_default());
        bytes
    }
}

impl Answer {
    /// The one header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} {:?}: {error}", self.status, self.text()))
    }

    /// The body, if the status is the expected one.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// Asserts a refusal as RFC 9457 and the contract want it, whole.
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for member in ["type", "title", "detail", "request_id"] {
            assert!(problem[member].is_string(), "{member} in {problem}");
        }
        if status == 401 {
            assert!(
                self.header("www-authenticate").is_some(),
                "{:?}",
                self.headers
            );
        }
    }
}

fn read_answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let status_line = read_line(stream)?;
    let status = status_line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| io::Error::other(format!("status line {status_line:?}")))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    answer.body = read_body(stream, &answer)?;
    Ok(answer)
}

fn read_body(stream: &mut impl BufRead, answer: &Answer) -> io::Result<Vec<u8>> {
    if answer.header("transfer-encoding") == Some("chunked") {
        return read_chunks(stream);
    }
    let mut body = Vec::new();
    match answer.header("content-length") {
        Some(length) => {
            body.resize(length.parse().map_err(io::Error::other)?, 0);
            stream.read_exact(&mut body)?;
        }
        None if matches!(answer.status, 204 | 304) => {}
        None => {
            stream.read_to_end(&mut body)?;
        }
    }
    Ok(body)
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size =
            usize::from_str_radix(read_line(stream)?.trim(), 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        stream.read_exact(&mut body[start..])?;
        read_line(stream)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
