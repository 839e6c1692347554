//! Services in this process.

use std::{convert::Infallible, fmt};

use bytes::Bytes;
use http::{Request, Response};
use tokio::{runtime::Handle, task::JoinHandle};
use tower::{BoxError, Service, ServiceExt as _, util::BoxCloneSyncService};

use crate::body::Body;

/// A service in this process, such as an axum router.
///
/// It gets the request in the form an upstream would get it, and besides, as extensions, the
/// [`ClientAddress`](bulla_guard::client::ClientAddress), the [`RequestId`](bulla_guard::client::RequestId) and what is said
/// of the [browser](bulla_guard::client::BrowserRequest).
#[derive(Clone)]
pub struct InProcess {
    name: &'static str,
    service: BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>,
}

impl InProcess {
    /// Wraps a service. The name is for logs.
    pub fn new<S, B>(name: &'static str, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service =
            service.map_response(|response: Response<B>| response.map(Body::from_service));
        Self {
            name,
            service: BoxCloneSyncService::new(service),
        }
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// Calls the service, on that runtime or on the caller's. Whoever stops waiting stops the call.
    pub(crate) async fn call(
        &self,
        request: Request<Body>,
        runtime: Option<&Handle>,
    ) -> Response<Body> {
        let call = self.service.clone().oneshot(request);
        let called = match runtime {
            None => call.await,
            Some(runtime) => {
                let mut task = AbortOnDrop(runtime.spawn(call));
                match (&mut task.0).await {
                    Ok(called) => called,
                    Err(failed) => match failed.try_into_panic() {
                        Ok(panic) => std::panic::resume_unwind(panic),
                        // The process ends, and its runtimes go one by one.
                        Err(_cancelled) => std::future::pending().await,
                    },
                }
            }
        };
        match called {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// A task that nobody waits for any more is of no use.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("InProcess")
            .field(&self.name)
            .finish()
    }
}
