//! An SMTP server that takes every letter (RFC 5321), and is called at `localhost`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use tokio_rustls::rustls::{ServerConnection, StreamOwned};

use super::https::Pem;

/// How it is spoken to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Encryption {
    /// By nobody who could not be overheard.
    Implicit(Pem),
    /// In the clear until the client says STARTTLS (RFC 3207).
    StartTls(Pem),
    /// In the clear.
    None,
}

/// Where it listens, and what it hears.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    heard: Receiver<Heard>,
}

/// What one client said.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// All that could be overheard.
    pub(crate) in_the_clear: Vec<String>,
    /// The data of the letter, if there was one.
    pub(crate) letter: Option<String>,
}

impl SmtpServer {
    pub(crate) fn start(encryption: Encryption) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, heard) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, sender) = (stream.unwrap(), sender.clone());
                thread::spawn(move || listen(stream, encryption, &sender));
            }
        });
        Self { address, heard }
    }

    /// What the next client said that has gone, or sent a letter.
    pub(crate) fn next(&self) -> Heard {
        self.heard.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// The next letter.
    pub(crate) fn letter(&self) -> String {
        self.next().letter.unwrap()
    }
}

fn listen(stream: TcpStream, encryption: Encryption, heard: &Sender<Heard>) {
    let over_tls = |pem: Pem, stream| {
        let connection = ServerConnection::new(pem.server()).unwrap();
        StreamOwned::new(connection, stream)
    };
    let mut said = Heard::default();
    match encryption {
        Encryption::Implicit(pem) => {
            said.letter = Conversation::new(over_tls(pem, stream)).take(true).1;
        }
        Encryption::None => {
            (said.in_the_clear, said.letter) = Conversation::new(stream).take(true);
        }
        Encryption::StartTls(pem) => {
            let mut clear = Conversation::new(stream.try_clone().unwrap());
            clear.offers_tls = true;
            (said.in_the_clear, said.letter) = clear.take(true);
            if said.in_the_clear.iter().any(|line| line == "STARTTLS") {
                said.letter = Conversation::new(over_tls(pem, stream)).take(false).1;
            }
        }
    }
    // Nobody asks any more.
    let _ = heard.send(said);
}

struct Conversation<S> {
    stream: BufReader<S>,
    offers_tls: bool,
}

impl<S: Read + Write> Conversation<S> {
    fn new(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
            offers_tls: false,
        }
    }

    fn say(&mut self, line: &str) -> Option<()> {
        let line = format!("{line}\r\n");
        self.stream.get_mut().write_all(line.as_bytes()).ok()
    }

    /// All lines until the client goes, wants TLS or has sent a letter; and the letter.
    fn take(mut self, greets: bool) -> (Vec<String>, Option<String>) {
        let mut lines = Vec::new();
        let letter = self.talk(greets, &mut lines);
        (lines, letter)
    }

    fn talk(&mut self, greets: bool, lines: &mut Vec<String>) -> Option<String> {
        if greets {
            self.say("220 test")?;
        }
        let mut data = None;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            lines.push(line.to_owned());
            match (line, &mut data) {
                (".", Some(data)) => {
                    let letter = std::mem::take(data);
                    self.say("250 taken")?;
                    return Some(letter);
                }
                (line, Some(data)) => {
                    data.push_str(line);
                    data.push('\n');
                }
                ("DATA", None) => {
                    data = Some(String::new());
                    self.say("354 go on")?;
                }
                ("STARTTLS", None) if self.offers_tls => {
                    self.say("220 go on")?;
                    return None;
                }
                (line, None) if line.starts_with("EHLO") && self.offers_tls => {
                    self.say("250-test\r\n250 STARTTLS")?;
                }
                _ => self.say("250 ok")?,
            }
        }
    }
}
