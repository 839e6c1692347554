//! A real HTTP server with one answer at a time, which counts who asks.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use tokio::sync::watch;

/// Listens on a free port of the loopback as long as the process lives.
pub(super) struct KeyServer {
    port: u16,
    answer: Arc<Mutex<Answer>>,
    begun: watch::Receiver<usize>,
}

/// What the next request is answered with.
#[derive(Clone)]
pub(super) enum Answer {
    /// 200 and this body.
    Body(Vec<u8>),
    /// This status line and these headers, each with its line end, and no body.
    Head(&'static str),
    /// Nothing, until the client hangs up.
    Silence,
}

impl KeyServer {
    pub(super) fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = Arc::new(Mutex::new(answer));
        let (report, begun) = watch::channel(0);
        let answers = answer.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, report) = (answers.clone(), report.clone());
                thread::spawn(move || serve(stream.unwrap(), &answers, &report));
            }
        });
        Self {
            port,
            answer,
            begun,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/keys?access=canary", self.port)
    }

    pub(super) fn answer_with(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How many requests have arrived.
    pub(super) fn begun(&self) -> usize {
        *self.begun.borrow()
    }

    /// Waits until so many requests have arrived.
    pub(super) async fn has_begun(&self, requests: usize) {
        let mut begun = self.begun.clone();
        begun.wait_for(|begun| *begun >= requests).await.unwrap();
    }
}

fn serve(mut stream: TcpStream, answer: &Mutex<Answer>, report: &watch::Sender<usize>) {
    if !read_head(&mut stream) {
        return;
    }
    let answer = answer.lock().unwrap().clone();
    report.send_modify(|begun| *begun += 1);
    // The client may hang up at any moment: then it reads no more, and that is all.
    let _ = match answer {
        Answer::Body(body) => {
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            stream.write_all(&[head.as_bytes(), &body].concat())
        }
        Answer::Head(head) => {
            let rest = "Content-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(format!("HTTP/1.1 {head}{rest}").as_bytes())
        }
        Answer::Silence => stream.read(&mut [0]).map(drop),
    };
}

/// Whether there is a request to answer. A client that begins with anything but a request (TLS) is
/// answered too, in the clear.
fn read_head(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
        if head[0] != b'G' {
            return true;
        }
    }
    head.starts_with(b"GET /keys?access=canary HTTP/1.1\r\n")
}
