use std::sync::{Mutex, MutexGuard, PoisonError};

use bulla_core::{
    link::{LinkCode, LinkToken},
    mail::{Letter, LetterContent},
    ports::Mailer,
};

/// A mailer that keeps the letters.
#[derive(Debug, Default)]
pub struct RecordedMail(Mutex<Vec<Letter>>);

impl RecordedMail {
    /// All letters so far, the oldest first; they are not there any more then.
    #[must_use]
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.lock())
    }

    /// The token of the one letter that was sent, which has a link.
    ///
    /// # Panics
    /// If there is none, or more.
    #[must_use]
    pub fn token(&self) -> LinkToken {
        match self.one() {
            LetterContent::ConfirmRegistration(token)
            | LetterContent::AlreadyRegistered(token)
            | LetterContent::ResetPassword(token)
            | LetterContent::ConfirmEmail(token)
            | LetterContent::SignInLink(token) => token,
            other => unreachable!("no link in {other:?}"),
        }
    }

    /// The code of the one letter that was sent.
    ///
    /// # Panics
    /// If there is none, or more.
    #[must_use]
    pub fn code(&self) -> LinkCode {
        match self.one() {
            LetterContent::SignInCode(code) => code,
            other => unreachable!("no code in {other:?}"),
        }
    }

    fn one(&self) -> LetterContent {
        let mut letters = self.take();
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters.remove(0).content
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Letter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for RecordedMail {
    fn send(&self, letter: Letter) {
        self.lock().push(letter);
    }
}
