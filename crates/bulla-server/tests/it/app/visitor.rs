//! Visitors without an account, who solve what they are asked.

use axum::http::{Method, StatusCode};
use bulla_core::anonymous::puzzle::Puzzle;
use bulla_jose::base64url;
use serde_json::{Value, json};

use super::{Answer, Call, TestApp};

/// A challenge with its solution.
#[derive(Debug, Clone)]
pub(crate) struct Solved {
    pub(crate) challenge: String,
    pub(crate) nonces: Vec<u64>,
}

/// A visitor with a token.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) id: String,
    pub(crate) access: String,
}

impl Solved {
    /// Solves what `GET /auth/challenge` answered.
    pub(crate) fn of(answer: &Answer) -> Self {
        let body = answer.json();
        let challenge = body["challenge"].as_str().unwrap().to_owned();
        let difficulty = u32::try_from(body["difficulty"].as_u64().unwrap()).unwrap();
        let puzzles = u8::try_from(body["puzzles"].as_u64().unwrap()).unwrap();
        let nonces =
            (0..puzzles).map(|index| Puzzle::new(&challenge, index).solve(difficulty).get());
        Self {
            nonces: nonces.collect(),
            challenge,
        }
    }

    pub(crate) fn body(&self) -> Value {
        json!({"challenge": self.challenge, "nonces": self.nonces})
    }
}

impl TestApp {
    /// A solved challenge, for the usual address.
    pub(crate) async fn solved(&self) -> Solved {
        let challenge = self.get("/auth/challenge");
        Solved::of(&challenge.await_status(StatusCode::OK).await)
    }

    pub(crate) fn redeem(&self, solved: &Solved) -> Call<'_> {
        self.call(Method::POST, "/auth/anonymous")
            .json(solved.body())
    }

    /// A new visitor.
    pub(crate) async fn visitor(&self) -> Visitor {
        let solved = self.solved().await;
        Visitor::from(&self.redeem(&solved).await_status(StatusCode::OK).await)
    }
}

impl From<&Answer> for Visitor {
    fn from(answer: &Answer) -> Self {
        let body = answer.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&body["user"]["id"]),
            access: text(&body["access_token"]),
        }
    }
}

/// What a token says, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload.as_bytes()).unwrap()).unwrap()
}
