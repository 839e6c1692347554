//! A small SMTP server: it speaks as much of RFC 5321 as a client that submits letters hears.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

pub(super) struct SmtpServer {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl SmtpServer {
    /// A server that answers the data of each letter in turn with these lines, and later ones with `250 taken`.
    pub(super) async fn start(answers: &[&str]) -> Self {
        Self::answering(answers, "235 welcome").await
    }

    /// A server that takes nobody's password.
    pub(super) async fn start_refusing_everybody() -> Self {
        Self::answering(&[], "535 no").await
    }

    async fn answering(answers: &[&str], to_auth: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answers: VecDeque<String> = answers.iter().map(|&line| line.to_owned()).collect();
        let (lines, answers) = (Arc::clone(&heard), Arc::new(Mutex::new(answers)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (lines, answers) = (Arc::clone(&lines), Arc::clone(&answers));
                tokio::spawn(talk(stream, lines, answers, to_auth));
            }
        });
        Self { address, heard }
    }

    /// None, at an address where nobody listens.
    pub(super) fn nobody_at(address: SocketAddr) -> Self {
        let heard = Arc::default();
        Self { address, heard }
    }

    /// Every line that clients said.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn talk(
    stream: TcpStream,
    heard: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
    to_auth: &str,
) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut say = async |line: &str| write.write_all(format!("{line}\r\n").as_bytes()).await;
    say("220 test ready").await.unwrap();
    let mut in_data = false;
    while let Ok(Some(line)) = lines.next_line().await {
        heard.lock().unwrap().push(line.clone());
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." if in_data => {
                in_data = false;
                let answer = answers.lock().unwrap().pop_front();
                answer.unwrap_or_else(|| "250 taken".to_owned())
            }
            _ if in_data => continue,
            "EHLO" => "250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME".to_owned(),
            "AUTH" => to_auth.to_owned(),
            "DATA" => {
                in_data = true;
                "354 go on".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        if say(&answer).await.is_err() {
            return;
        }
    }
}
