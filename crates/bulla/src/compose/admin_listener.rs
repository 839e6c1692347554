//! The admin API on one listener: whoever connects has a limited time for everything, and only so many may.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    response::{IntoResponse, Response},
    serve::Listener,
};
use bulla_guard::client::ClientAddress;
use http::{Request, StatusCode, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

use super::stop::Stop;

/// For the head of a request, and between two requests.
const HEAD: Duration = Duration::from_secs(10);
/// From the head of a request to its answer, with the body.
const REQUEST: Duration = Duration::from_secs(30);
/// For a connection: then it may end its request. It bounds how long an answer may wait for a reader.
const CONNECTION: Duration = Duration::from_secs(5 * 60);
/// How long requests may still take once the connection is to end.
const DRAIN: Duration = Duration::from_secs(5);
/// On one listener at a time; more wait to be accepted.
const CONNECTIONS: usize = 256;

/// Serves until it is time to stop, and then for a while what is still in flight. Requests carry what
/// `origin` makes of their connection's address.
pub(super) async fn serve<L: Listener>(
    mut listener: L,
    origin: fn(L::Addr) -> Option<ClientAddress>,
    router: Router,
    stop: Stop,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let accept = async {
        loop {
            // It is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let (stream, address) = listener.accept().await;
            let (router, stop, origin) = (router.clone(), stop.clone(), origin(address));
            connections.spawn(async move {
                answer(stream, origin, router, stop).await;
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop.clone().requested() => {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Who connected is who asks: nobody is believed to speak for others here.
#[expect(clippy::unnecessary_wraps, reason = "a socket file has no address")]
pub(super) fn peer(address: SocketAddr) -> Option<ClientAddress> {
    Some(ClientAddress(address.ip()))
}

/// Answers the requests of one connection.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    origin: Option<ClientAddress>,
    router: Router,
    stop: Stop,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(origin) = origin {
            request.extensions_mut().insert(origin);
        }
        in_time(router.clone(), request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        // How a connection ended is its client's business.
        _ = connection.as_mut() => return,
        () = stop.requested() => {}
        () = sleep(CONNECTION) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(DRAIN, connection).await;
}

async fn in_time(router: Router, request: Request<Incoming>) -> Result<Response, Infallible> {
    match timeout(REQUEST, router.oneshot(request.map(Body::new))).await {
        Ok(answer) => answer,
        Err(_) => {
            Ok((StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::post;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        sync::mpsc,
        time::Instant,
    };

    use super::*;

    struct Door(mpsc::UnboundedReceiver<DuplexStream>);

    impl Listener for Door {
        type Io = DuplexStream;
        type Addr = ();

        async fn accept(&mut self) -> (DuplexStream, ()) {
            match self.0.recv().await {
                Some(stream) => (stream, ()),
                None => std::future::pending().await,
            }
        }

        fn local_addr(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// A listener whose one route reads its body, and what connects to it.
    fn listening() -> impl AsyncFn(&str) -> DuplexStream {
        let (sender, door) = mpsc::unbounded_channel();
        let (never, stop) = Stop::on_demand();
        let router = Router::new().route("/", post(|body: String| async move { body }));
        tokio::spawn(async move {
            serve(Door(door), |()| None, router, stop).await;
            drop(never);
        });
        async move |sent: &str| {
            let (mut client, server) = duplex(1 << 16);
            sender.send(server).unwrap();
            client.write_all(sent.as_bytes()).await.unwrap();
            client
        }
    }

    async fn said(mut client: DuplexStream) -> String {
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        said
    }

    const WHOLE: &str =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";

    #[tokio::test(start_paused = true)]
    async fn a_whole_request_is_answered_at_once() {
        let began = Instant::now();
        let answer = said(listening()(WHOLE).await).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("hi"),
            "{answer}"
        );
        assert!(began.elapsed() < HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_is_cut_off() {
        let began = Instant::now();
        let answer = said(listening()("POST / HTTP/1.1\r\nHost:").await).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
        assert!(began.elapsed() >= HEAD && began.elapsed() < REQUEST);
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_body_is_refused() {
        let began = Instant::now();
        let half = WHOLE.strip_suffix('i').unwrap();
        let answer = said(listening()(half).await).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(began.elapsed() >= REQUEST && began.elapsed() < CONNECTION);
    }

    #[tokio::test(start_paused = true)]
    async fn one_connection_too_many_waits_for_a_place() {
        let connect = listening();
        let mut idle = Vec::new();
        for _ in 0..CONNECTIONS {
            idle.push(connect("POST").await);
        }
        let began = Instant::now();
        let answer = said(connect(WHOLE).await).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(began.elapsed() >= HEAD);
        drop(idle);
        let began = Instant::now();
        said(connect(WHOLE).await).await;
        assert!(began.elapsed() < HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_in_flight_when_it_is_time_to_stop_is_waited_for_and_not_for_ever() {
        let (sender, door) = mpsc::unbounded_channel();
        let (end, stop) = Stop::on_demand();
        let (mut client, server) = duplex(1 << 16);
        sender.send(server).unwrap();
        client
            .write_all(WHOLE.strip_suffix('i').unwrap().as_bytes())
            .await
            .unwrap();
        let router = Router::new().route("/", post(|body: String| async move { body }));
        let serving = tokio::spawn(serve(Door(door), |()| None, router, stop));
        sleep(Duration::from_secs(1)).await;
        let began = Instant::now();
        end.send_replace(true);
        serving.await.unwrap();
        assert_eq!(began.elapsed(), DRAIN);
    }
}
