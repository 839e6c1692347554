//! A mailer that keeps the letters until a test reads them.

use std::{sync::Mutex, time::Duration};

use bulla_core::{mail::Letter, ports::Mailer};
use bulla_server::{config::values::LinkBase, mail::Templates};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::TestApp;

pub(crate) struct Letters {
    sent: UnboundedSender<Letter>,
    received: Mutex<UnboundedReceiver<Letter>>,
}

impl Default for Letters {
    fn default() -> Self {
        let (sent, received) = mpsc::unbounded_channel();
        let received = Mutex::new(received);
        Self { sent, received }
    }
}

impl Mailer for Letters {
    fn send(&self, letter: Letter) {
        self.sent.send(letter).unwrap();
    }
}

impl TestApp {
    /// What was sent so far, once every wish was seen to.
    pub(crate) async fn letters(&self) -> Vec<Letter> {
        self.issuer
            .mail_desk()
            .unwrap()
            .close(Duration::from_secs(60))
            .await;
        let mut received = self.mail.received.lock().unwrap();
        std::iter::from_fn(|| received.try_recv().ok()).collect()
    }

    /// The token of the one letter that was sent.
    pub(crate) async fn link(&self) -> String {
        let letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        token(&letters[0])
    }

    /// The code of the one letter that was sent.
    pub(crate) async fn code(&self) -> String {
        let letters = self.letters().await;
        let [letter] = &letters[..] else {
            panic!("{letters:?}")
        };
        match &letter.content {
            bulla_core::mail::LetterContent::SignInCode(code) => code.expose().to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

/// The token in the letter as it is worded.
pub(crate) fn token(letter: &Letter) -> String {
    let links: LinkBase = "https://app.example.com/account".parse().unwrap();
    let templates = Templates::load(None, "app.example.com", links).unwrap();
    let text = templates.word(letter).text;
    let (_, token) = text.split_once('#').unwrap();
    token.split_whitespace().next().unwrap().to_owned()
}
