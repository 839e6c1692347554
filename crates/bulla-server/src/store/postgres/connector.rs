//! Opening connections, each with the session settings that the store relies on.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::Connect;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, NoTls, Socket};

use super::{
    schema::SCHEMA,
    tls::Verified,
    url::{Encryption, PostgresUrl},
};

/// How long all hosts together may take when a database is opened.
const START: Duration = Duration::from_secs(6);

/// How long a transaction may wait for us: longer than any of ours does, unless its issuer is gone.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);

/// How long the server goes on with what was asked. It says no before whoever waits for an answer gives up, so that silence
/// is known for what it is; and who waits for a lock in vain can still try again.
pub(super) struct Limits {
    pub(super) statement: Duration,
    pub(super) lock: Duration,
}

impl Limits {
    pub(super) fn within(patience: Duration) -> Self {
        Self {
            statement: patience * 3 / 4,
            lock: patience / 3,
        }
    }
}

#[derive(Clone)]
pub(super) struct Connector {
    /// The one that was reached last comes first.
    hosts: Vec<Config>,
    reached: Arc<AtomicUsize>,
    /// How long one may take, so that there is time for the next.
    share: Duration,
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
        let mut hosts = url.hosts();
        let count = u32::try_from(hosts.len()).unwrap_or(u32::MAX);
        let share = patience.unwrap_or(START) / count.max(1);
        for host in &mut hosts {
            host.connect_timeout(share);
            if let Some(patience) = patience {
                host.tcp_user_timeout(patience);
            }
        }
        let tls = match &url.encryption {
            Encryption::Off => None,
            Encryption::Verified { roots } => Some(Verified::by(roots.as_deref())?),
        };
        Ok(Self {
            hosts,
            reached: Arc::default(),
            share,
            tls,
            settings: settings(patience),
            notified: Arc::default(),
        })
    }

    /// Wakes whoever waits for it when one of the connections is notified.
    pub(super) const fn notified(&self) -> &Arc<Notify> {
        &self.notified
    }

    /// A connection of its own to the first host that takes one, and the task that drives it.
    pub(super) async fn connect(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let first = self.reached.load(Ordering::Relaxed);
        let mut refused: Option<Error> = None;
        for step in 1..self.hosts.len() {
            let number = (first + step - 1) % self.hosts.len();
            match timeout(self.share, self.connect_to(number)).await {
                Ok(Ok(opened)) => return Ok(opened),
                Ok(Err(error)) => refused = refused.or(Some(error)),
                Err(_silent) => {}
            }
        }
        // Whoever asks has a deadline for the last one.
        let last = (first + self.hosts.len() - 1) % self.hosts.len();
        self.connect_to(last).await.map_err(|error| {
            // What a server says tells more than that there is none.
            let says = refused.filter(|refused| refused.as_db_error().is_some());
            says.filter(|_| error.as_db_error().is_none())
                .unwrap_or(error)
        })
    }

    async fn connect_to(&self, number: usize) -> Result<(Client, JoinHandle<()>), Error> {
        let host = &self.hosts[number];
        let opened = match self.tls.clone() {
            None => {
                let (client, connection) = host.connect(NoTls).await?;
                (client, self.drive(connection))
            }
            Some(tls) => {
                let (client, connection) = host.connect(tls).await?;
                (client, self.drive(connection))
            }
        };
        self.reached.store(number, Ordering::Relaxed);
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
    let Limits { statement, lock } = Limits::within(patience.unwrap_or_default());
    let (statement, lock) = (statement.as_millis(), lock.as_millis());
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
