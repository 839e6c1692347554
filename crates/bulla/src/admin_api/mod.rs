//! The admin API as the commands use it: over the socket of a running server, else the same router
//! in this process, on the store. One code path; what a command does is live at once in both.

mod transport;

use std::{path::Path, time::Duration};

use anyhow::bail;
use bulla_server::{config::Config, data_folder::DataFolderError};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use self::transport::Transport;
use crate::compose::{
    data::{self, DATA_FOLDER},
    issuer,
};

/// How long a command waits for a server that is just starting, or for another command.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a command does where there is no data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// It makes one.
    Repaired,
    /// It fails: most likely this is the wrong folder.
    Refused,
}

/// The admin API, wherever it is.
pub(crate) struct AdminApi(Transport);

/// A server refused.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    problem: Value,
}

impl AdminApi {
    /// Finds the server of this folder; without one, opens the store.
    ///
    /// # Errors
    /// The data folder, its keys or its database cannot be used; or there is no data folder, and
    /// this is no command that makes one.
    pub(crate) async fn open(config: &Config, absence: Absence) -> anyhow::Result<Self> {
        if absence == Absence::Refused && !Path::new(DATA_FOLDER).exists() {
            bail!(
                "there is no {DATA_FOLDER} here: change to the folder in which Bulla runs, or start \
                 it here first"
            );
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(socket) = Transport::socket().await? {
                return Ok(Self(socket));
            }
            match data::hold_folder() {
                Ok(folder) => {
                    let local = issuer::open(config, folder, Vec::new(), None).await?;
                    return Ok(Self(Transport::in_process(local)));
                }
                // Held, but nobody answers: a server between its start and its first answer (or
                // between its last and its end), or another command at work.
                Err(DataFolderError::InUse { .. }) if Instant::now() < deadline => {
                    sleep(Duration::from_millis(20)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The server of this folder, if one runs.
    ///
    /// # Errors
    /// Its socket is there, and cannot be used.
    pub(crate) async fn of_running_server() -> anyhow::Result<Option<Self>> {
        Ok(Transport::socket().await?.map(Self))
    }

    /// Whether nobody else is served by it.
    pub(crate) const fn is_alone(&self) -> bool {
        matches!(self.0, Transport::InProcess(..))
    }

    /// One call. The answer's JSON; null if it has none.
    ///
    /// # Errors
    /// [`Refused`] with the problem that the API answered; or the connection broke.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let body = body.map(|body| Bytes::from(body.to_string()));
        let answer = self.send(method, path, body).await?;
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    /// One call with JSON that is written already; the answer as it was sent.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub(crate) async fn post(&self, path: &str, body: Bytes) -> anyhow::Result<Bytes> {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Bytes>) -> anyhow::Result<Bytes> {
        let (status, answer) = self.0.send(method, path, body).await?;
        if status.is_success() {
            return Ok(answer);
        }
        let problem = serde_json::from_slice(&answer).unwrap_or(Value::Null);
        Err(Refused::of(status, problem).into())
    }

    /// Closes the store, if it was opened here.
    ///
    /// # Errors
    /// It does not close.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.0.close().await
    }
}

impl Refused {
    /// An answer of this status that is no success, with its problem if it has one.
    pub(crate) const fn of(status: StatusCode, problem: Value) -> Self {
        Self { status, problem }
    }

    /// The same for who has said it by a flag, and knows of no field of a request.
    pub(crate) fn naming_flag(mut self, field: &str, flag: &str) -> Self {
        if let Some(detail) = self.problem["detail"].as_str() {
            let detail = detail.replace(&format!("the field `{field}`"), flag);
            self.problem["detail"] = detail.into();
        }
        self
    }

    /// The problem's stable code.
    pub(crate) fn code(&self) -> &str {
        self.problem["code"].as_str().unwrap_or("unexpected")
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.problem["detail"].as_str() {
            Some(detail) => f.write_str(detail),
            None => write!(f, "the server answered {}", self.status),
        }
    }
}

impl std::error::Error for Refused {}

/// One segment of a path, whatever characters it has.
pub(crate) fn segment(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_one_segment_whatever_is_in_it() {
        assert_eq!(segment("usr_1-a.b~c"), "usr_1-a.b~c");
        assert_eq!(segment("a b/../ü?#@%"), "a%20b%2F..%2F%C3%BC%3F%23%40%25");
    }
}
