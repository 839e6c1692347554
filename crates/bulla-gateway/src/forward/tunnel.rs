//! Connections that stopped speaking HTTP.

use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;

use super::{Tether, activity::Activity};

/// Copies bytes between the two sides, once both have switched, until one of them ends, nothing moved for `idle`, the
/// tether is torn, or the gateway closes.
pub(crate) async fn run(
    client: OnUpgrade,
    upstream: OnUpgrade,
    idle: Duration,
    tether: Option<Box<Tether>>,
    mut closing: watch::Receiver<bool>,
) {
    let activity = Activity::default();
    let tunnel = async {
        let (client, upstream) = match (client.await, upstream.await) {
            (Ok(client), Ok(upstream)) => (client, upstream),
            (Err(error), _) | (_, Err(error)) => {
                return tracing::debug!(%error, "an upgrade failed");
            }
        };
        let copied = tokio::io::copy_bidirectional(
            &mut activity.watch(TokioIo::new(client)),
            &mut TokioIo::new(upstream),
        )
        .await;
        if let Err(error) = copied {
            tracing::debug!(%error, "an upgraded connection broke off");
        }
    };
    let torn = async {
        match tether {
            Some(mut tether) => tether.torn().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = tunnel => {}
        () = activity.ceased(idle) => tracing::debug!("an upgraded connection was idle"),
        () = torn => tracing::debug!("the token of an upgraded connection has ended"),
        _ = closing.wait_for(|closing| *closing) => {}
    }
}
