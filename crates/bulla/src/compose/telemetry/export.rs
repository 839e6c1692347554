//! From the queue to the collector.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use bulla_gateway::span::SpanSink;
use bulla_server::config::Config;
use opentelemetry_proto::tonic::{resource::v1::Resource, trace::v1::Span};
use prometheus_client::registry::Registry;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    collector::{Collector, Refused},
    otlp,
    queue::{Counters, Queue},
};

/// Spans that wait to be sent.
const QUEUE: usize = 8192;

/// Spans in one request to the collector.
const BATCH: usize = 512;

/// For how long spans are let come together.
const GATHER: Duration = Duration::from_millis(200);

/// How often a batch is sent that the collector could not take, and how long the first pause is; each one is twice as long
/// as the last.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How long the end of the process waits for what is left.
const FLUSH: Duration = Duration::from_secs(5);

/// Tells a collector of requests.
pub(in crate::compose) struct Telemetry {
    queue: Arc<Queue>,
    stop: oneshot::Sender<()>,
    sending: JoinHandle<()>,
}

impl Telemetry {
    /// Begins to, if one is configured. Called within a runtime.
    ///
    /// # Errors
    /// The collector is `https`, and the system's root certificates cannot be read.
    pub(in crate::compose) fn start(
        config: &Config,
        metrics: &mut Registry,
    ) -> anyhow::Result<Option<Self>> {
        let Some(told) = &config.telemetry else {
            return Ok(None);
        };
        let collector = Collector::at(&told.otlp.value)
            .context("telemetry.otlp: the system's root certificates cannot be read")?;
        let counters = Counters::register(metrics);
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        let sending = Sending {
            queue: receiver,
            collector,
            resource: otlp::resource(&told.service_name),
            counters: counters.clone(),
        };
        Ok(Some(Self {
            queue: Arc::new(Queue::new(sender, counters)),
            stop,
            sending: tokio::spawn(sending.run(stopped)),
        }))
    }

    /// Where the gateway reports requests.
    pub(in crate::compose) fn sink(&self) -> Arc<dyn SpanSink> {
        Arc::clone(&self.queue) as Arc<dyn SpanSink>
    }

    /// Sends what is left, or gives it up.
    pub(in crate::compose) async fn flush(self) {
        // Without a receiver it has ended already.
        let _ = self.stop.send(());
        let mut sending = self.sending;
        if timeout(FLUSH, &mut sending).await.is_err() {
            sending.abort();
            tracing::warn!("the last spans were not sent: the collector took none of them in time");
        }
    }
}

struct Sending {
    queue: mpsc::Receiver<Span>,
    collector: Collector,
    resource: Resource,
    counters: Counters,
}

impl Sending {
    /// Ends once it was told to and the queue is empty.
    async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut taken = Vec::new();
        let mut stopping = false;
        let mut failing = false;
        loop {
            tokio::select! {
                biased;
                _ = &mut stop, if !stopping => {
                    stopping = true;
                    self.queue.close();
                }
                count = self.queue.recv_many(&mut taken, BATCH) => {
                    if count == 0 {
                        return;
                    }
                    self.send(std::mem::take(&mut taken), &mut failing).await;
                    if count < BATCH && !stopping {
                        // Whoever puts one in wakes nobody meanwhile.
                        let _ = timeout(GATHER, &mut stop).await.map(|_| {
                            stopping = true;
                            self.queue.close();
                        });
                    }
                }
            }
        }
    }

    /// Says once that it fails, and once that it does so no more.
    async fn send(&self, spans: Vec<Span>, failing: &mut bool) {
        let count = spans.len() as u64;
        let sent = self.try_often(otlp::request(&self.resource, spans)).await;
        match sent {
            Ok(refused) => {
                self.counters.sent(count.saturating_sub(refused));
                self.counters.not_taken(refused);
                if std::mem::take(failing) {
                    tracing::info!("the collector takes spans again");
                }
            }
            Err(reason) => {
                self.counters.not_taken(count);
                if !std::mem::replace(failing, true) {
                    tracing::warn!(reason, "the collector takes no spans");
                }
            }
        }
    }

    /// How many of them the collector refused; `Err`: all, and why.
    async fn try_often(&self, body: bytes::Bytes) -> Result<u64, String> {
        let mut pause = FIRST_PAUSE;
        let mut tried = 0;
        loop {
            tried += 1;
            match self.collector.take(body.clone()).await {
                Ok(refused) => return Ok(refused),
                Err(Refused::ForNow(_)) if tried < TRIES => sleep(pause).await,
                Err(Refused::ForNow(reason) | Refused::ForGood(reason)) => return Err(reason),
            }
            pause *= 2;
        }
    }
}
