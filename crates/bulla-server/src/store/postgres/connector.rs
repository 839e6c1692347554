//! Opening connections, each with the session settings that the store relies on.

use std::{future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use deadpool_postgres::Connect;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    task::JoinHandle,
};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, NoTls, Socket};

use super::{
    schema::SCHEMA,
    tls::Verified,
    url::{Encryption, PostgresUrl},
};

/// How long a transaction may wait for us: longer than any of ours does, unless its issuer is gone.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: Option<Verified>,
    settings: String,
    notified: Arc<Notify>,
}

impl Connector {
    /// For connections whose statements may take so long; `None`: as long as they like.
    ///
    /// # Errors
    /// The certificates that TLS needs cannot be read, in words.
    pub(super) fn new(url: &PostgresUrl, patience: Option<Duration>) -> Result<Self, String> {
        let mut config = Config::clone(&url.config);
        if let Some(patience) = patience {
            config.connect_timeout(patience).tcp_user_timeout(patience);
        }
        let tls = match &url.encryption {
            Encryption::Off => None,
            Encryption::Verified { roots } => Some(Verified::by(roots.as_deref())?),
        };
        Ok(Self {
            config,
            tls,
            settings: settings(patience),
            notified: Arc::default(),
        })
    }

    /// Wakes whoever waits for it when one of the connections is notified.
    pub(super) const fn notified(&self) -> &Arc<Notify> {
        &self.notified
    }

    /// A connection of its own, and the task that drives it.
    pub(super) async fn connect(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let opened = match self.tls.clone() {
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                (client, self.drive(connection))
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls).await?;
                (client, self.drive(connection))
            }
        };
        opened.0.batch_execute(&self.settings).await?;
        Ok(opened)
    }

    fn drive<S>(&self, mut connection: Connection<Socket, S>) -> JoinHandle<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let notified = Arc::clone(&self.notified);
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(_) = message {
                    notified.notify_one();
                }
            }
        })
    }
}

impl Connect for Connector {
    fn connect(
        &self,
        _config: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        Box::pin(self.connect())
    }
}

/// What is answered must be durable, whatever the server's default: a server may wait for more than that, never for less.
fn settings(patience: Option<Duration>) -> String {
    let statement = patience.unwrap_or_default().as_millis();
    // Shorter, so that who waits for a lock in vain can still try again.
    let lock = statement / 2;
    let idle = IDLE_IN_TRANSACTION.as_millis();
    format!(
        "SET search_path = {SCHEMA}; \
         SET default_transaction_isolation = 'read committed'; \
         SET statement_timeout = {statement}; \
         SET lock_timeout = {lock}; \
         SET idle_in_transaction_session_timeout = {idle}; \
         SELECT set_config('synchronous_commit', 'on', FALSE) WHERE current_setting('synchronous_commit') = 'off'"
    )
}
