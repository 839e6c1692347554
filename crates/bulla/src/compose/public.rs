//! What everybody can reach: the gateway's listener, and the one that sends plain HTTP to it.

use std::sync::Arc;

use anyhow::Context;
use bulla_gateway::{Entrance, Gateway, Redirect};
use bulla_server::config::Config;
use tokio::net::TcpListener;

use super::{
    gateway, listen,
    stop::Stop,
    tls::{self, Encryption},
};

/// The listeners of the public side.
pub(super) struct Public {
    listener: TcpListener,
    encryption: Option<Encryption>,
    proxy_protocol: bool,
    plain: Option<(TcpListener, Redirect)>,
}

impl Public {
    /// Reads what the listeners need, and binds them then.
    ///
    /// # Errors
    /// The certificate cannot be used, `public_url` names nobody to send to, or an address cannot be had.
    pub(super) async fn bind(config: &Config) -> anyhow::Result<Self> {
        let listen = &config.listen;
        let encryption = config.tls.as_ref().map(tls::start).transpose()?;
        let redirect = match listen.redirect {
            Some(address) => Some((address, destination(config)?)),
            None => None,
        };
        let listener = listen::bind(listen.public, "listen.public").await?;
        let plain = match redirect {
            Some((address, redirect)) => {
                Some((listen::bind(address, "listen.redirect").await?, redirect))
            }
            None => None,
        };
        Ok(Self {
            listener,
            encryption,
            proxy_protocol: listen.proxy_protocol,
            plain,
        })
    }

    /// All of them.
    pub(super) fn listeners(&self) -> impl Iterator<Item = &TcpListener> {
        let plain = self.plain.as_ref().map(|(listener, _)| listener);
        std::iter::once(&self.listener).chain(plain)
    }

    /// Where the gateway listens.
    pub(super) fn url(&self) -> anyhow::Result<String> {
        listen::url(&self.listener, self.encryption.is_some())
    }

    /// Where plain HTTP is sent on.
    pub(super) fn redirect_url(&self) -> anyhow::Result<Option<String>> {
        let plain = self.plain.as_ref();
        plain
            .map(|(listener, _)| listen::url(listener, false))
            .transpose()
    }

    /// Answers until it is time to stop, and then until the last request has ended.
    ///
    /// # Errors
    /// As [`gateway::answer`].
    pub(super) async fn answer(self, gateway: Arc<Gateway>, stop: Stop) -> anyhow::Result<()> {
        let sending = self.plain.map(|(listener, redirect)| {
            let (gateway, stop) = (Arc::clone(&gateway), stop.clone().requested());
            tokio::spawn(bulla_gateway::serve_redirects(
                listener, redirect, gateway, stop,
            ))
        });
        let entrance = Entrance {
            tls: self.encryption.as_ref().map(|one| Arc::clone(&one.tls)),
            proxy_protocol: self.proxy_protocol,
        };
        let answered = gateway::answer(self.listener, entrance, gateway, stop).await;
        if let Some(sending) = sending {
            let _ = sending.await;
        }
        if let Some(Encryption { reloading, .. }) = self.encryption {
            reloading.abort();
        }
        answered
    }
}

fn destination(config: &Config) -> anyhow::Result<Redirect> {
    Redirect::to(config.public_url.authority())
        .with_context(|| format!("public_url: {} has no host to send to", config.public_url))
}
