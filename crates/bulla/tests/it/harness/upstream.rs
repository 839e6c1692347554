//! An API behind the gateway: keeps what reached it, answers when it is told to.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
};

/// A server that answers every request with 200 and a JSON body.
pub(crate) struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// As in `GET /path HTTP/1.1`.
    pub(crate) request_line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Holds answers back until it is told to let one go.
pub(crate) struct Gate {
    /// Fires when a request has arrived.
    pub(crate) arrived: mpsc::Receiver<()>,
    /// Lets one answer go.
    pub(crate) release: mpsc::Sender<()>,
}

impl Upstream {
    /// Answers at once.
    pub(crate) fn start() -> Self {
        Self::serve(|| {})
    }

    /// Answers when the gate lets it.
    pub(crate) fn gated() -> (Self, Gate) {
        let (arrive, arrived) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let released = Mutex::new(released);
        let upstream = Self::serve(move || {
            let _ = arrive.send(());
            let _ = released.lock().unwrap().recv();
        });
        (upstream, Gate { arrived, release })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has arrived so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn serve(before_answer: impl Fn() + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let before_answer = Arc::new(before_answer);
        let keep = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (keep, before_answer) = (Arc::clone(&keep), Arc::clone(&before_answer));
                thread::spawn(move || answer_all(stream, &keep, &*before_answer));
            }
        });
        Self { address, seen }
    }
}

impl Seen {
    /// All values of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

fn answer_all(mut stream: TcpStream, seen: &Mutex<Vec<Seen>>, before_answer: &dyn Fn()) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = read_request(&mut reader) {
        seen.lock().unwrap().push(request);
        before_answer();
        let body = r#"{"from":"upstream"}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

pub(super) fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let headers: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Seen {
        request_line: lines[0].clone(),
        headers,
        body: Vec::new(),
    };
    let length = request
        .all("content-length")
        .first()
        .and_then(|length| length.parse().ok());
    request.body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
