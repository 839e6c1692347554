//! An upstream that speaks HTTP/2 and does with each request what a test says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use h2::{Reason, RecvStream, server::SendResponse};
use http::{Method, Request, Response};
use tokio::{
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};

/// What becomes of a request, once all of it is there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    Answer,
    Reset(Reason),
    /// The connection is closed as it is.
    HangUp,
}

/// Requests that arrived: their methods and bodies, in the order in which they were whole.
type Seen = Arc<Mutex<Vec<(Method, Vec<u8>)>>>;

pub(crate) struct ScriptedHttp2 {
    pub(crate) address: SocketAddr,
    seen: Seen,
    accepting: AbortHandle,
}

impl ScriptedHttp2 {
    /// One that does these one after the other, and answers all that comes later.
    pub(crate) async fn doing(acts: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, acts) = (Seen::default(), acts.to_vec());
        let keep = Arc::clone(&seen);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (keep, acts) = (Arc::clone(&keep), acts.clone());
                connections.spawn(async move {
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    let mut streams = JoinSet::new();
                    loop {
                        tokio::select! {
                            next = connection.accept() => match next {
                                Some(Ok((request, answer))) => {
                                    streams.spawn(act(request, answer, Arc::clone(&keep), acts.clone()));
                                }
                                Some(Err(_)) | None => return,
                            },
                            // Dropped after the connection: else its stream would be reset first.
                            Some(done) = streams.join_next() => if let Some(_unanswered) = done.unwrap() {
                                drop(connection);
                                return;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            seen,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) fn seen(&self) -> Vec<(Method, Vec<u8>)> {
        self.seen.lock().unwrap().clone()
    }
}

/// Does it. Its end of the stream, if the connection is to be closed.
async fn act(
    request: Request<RecvStream>,
    mut answer: SendResponse<Bytes>,
    seen: Seen,
    acts: Vec<Act>,
) -> Option<SendResponse<Bytes>> {
    let (head, mut body) = request.into_parts();
    let mut whole = Vec::new();
    while let Some(piece) = body.data().await {
        let Ok(piece) = piece else {
            return None;
        };
        body.flow_control().release_capacity(piece.len()).unwrap();
        whole.extend_from_slice(&piece);
    }
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push((head.method, whole));
        seen.len() - 1
    };
    match acts.get(number).copied().unwrap_or(Act::Answer) {
        Act::Answer => {
            answer.send_response(Response::new(()), true).unwrap();
        }
        Act::Reset(reason) => answer.send_reset(reason),
        Act::HangUp => return Some(answer),
    }
    None
}

impl Drop for ScriptedHttp2 {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
