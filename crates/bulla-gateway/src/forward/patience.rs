//! How long to wait for an answer.

use std::{future::Future, pin::Pin, time::Duration};

use crate::body::{Progress, Waiting};

/// Why waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Impatience {
    /// The client stopped sending.
    Client,
    /// The target has it all, or does not read, and does not answer.
    Target,
}

/// Waits for an answer, as long as the request's body moves on at least once in every `span`. A target that is slow to
/// read may so take up to twice that.
pub(crate) async fn wait<F: Future>(
    mut answer: Pin<&mut F>,
    body: Option<&Progress>,
    span: Duration,
) -> Result<F::Output, Impatience> {
    loop {
        if let Ok(answered) = tokio::time::timeout(span, answer.as_mut()).await {
            return Ok(answered);
        }
        match body.map_or(Waiting::Target, Progress::look) {
            Waiting::Nothing => {}
            Waiting::Client => return Err(Impatience::Client),
            Waiting::Target => return Err(Impatience::Target),
        }
    }
}
