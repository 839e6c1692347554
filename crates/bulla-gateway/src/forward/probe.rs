//! Asking servers how they do.

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
};

use http::{Request, StatusCode, header::USER_AGENT};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};
use tower::BoxError;

use super::{Connector, address};
use crate::{
    body::Body,
    target::{HealthCheck, Protocol, Roster, Server},
};

/// Checks all servers that have a [`HealthCheck`], now and whenever it is time, as long as some route leads to them. Goes
/// on until it is dropped.
pub(crate) async fn watch(roster: &Roster, connector: &Connector) {
    let mut checks = JoinSet::new();
    let mut checked = HashSet::new();
    loop {
        for server in roster.servers() {
            if let Some(check) = server.check.clone()
                && checked.insert(server.id)
            {
                let (id, weak) = (server.id, Arc::downgrade(&server));
                let often = check_often(weak, check, connector.clone());
                checks.spawn(async move {
                    often.await;
                    id
                });
            }
        }
        tokio::select! {
            () = roster.changed() => {}
            Some(ended) = checks.join_next() => {
                if let Ok(server) = ended {
                    checked.remove(&server);
                }
            }
        }
    }
}

/// Ends with the server.
async fn check_often(server: Weak<Server>, check: HealthCheck, connector: Connector) {
    let mut due = interval(check.interval);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let Some(server) = server.upgrade() else {
            return;
        };
        server.note_check(ask(&server, &check, &connector).await);
    }
}

async fn ask(server: &Server, check: &HealthCheck, connector: &Connector) -> Result<(), String> {
    let status = timeout(check.timeout, status(server, check, connector)).await;
    match status {
        Ok(Ok(status)) if status.is_success() => Ok(()),
        Ok(Ok(status)) => Err(format!("its health check was answered with {status}")),
        Ok(Err(error)) => Err(format!("its health check failed: {error}")),
        Err(_elapsed) => Err("its health check timed out".to_owned()),
    }
}

async fn status(
    server: &Server,
    check: &HealthCheck,
    connector: &Connector,
) -> Result<StatusCode, BoxError> {
    let mut request = Request::get(check.path.as_str())
        .header(USER_AGENT, "bulla-health-check")
        .body(Body::empty())?;
    address::write(&mut request, server, None);
    let answered = match server.protocol {
        Protocol::Http1 => {
            let mut sender = connector.connect_http1(server).await?;
            sender.send_request(request).await
        }
        Protocol::Http2 => {
            let mut sender = connector.connect_http2(server, |_| {}).await?;
            sender.send_request(request).await
        }
    };
    Ok(answered?.status())
}
