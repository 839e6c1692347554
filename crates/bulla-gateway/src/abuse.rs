//! What comes from an address and is bad: counted, and told when it leads somewhere.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bulla_guard::{
    abuse::{Offence, Rung, Standing, Step},
    client::Wariness,
};
use tokio::time::MissedTickBehavior;

use crate::{Gateway, steps::ban::Entry};

/// How often it is looked what has ended.
const TICK: Duration = Duration::from_secs(1);

impl Gateway {
    /// Whether a connection from there is not worth an answer.
    pub(crate) fn drops(&self, address: IpAddr) -> bool {
        let ledger = &self.settings.abuse;
        // As long as everybody stands well, not even the clock is looked at.
        let dropped = !ledger.is_quiet()
            && match ledger.standing(address, self.settings.clock.milliseconds()) {
                Standing::Banned(ban) => ban.is_dropped(),
                Standing::Good | Standing::Challenged => false,
            };
        if dropped {
            self.metrics.abuse.count_dropped();
        }
        dropped
    }

    /// Whether, and who, is let in from there.
    pub(crate) fn entry(&self, address: IpAddr) -> Entry {
        let ledger = &self.settings.abuse;
        if ledger.is_quiet() {
            return Entry::GOOD;
        }
        let now = self.settings.clock.milliseconds();
        Entry::new(ledger.standing(address, now), now)
    }

    /// How much a handshake asks of whoever comes from there.
    pub(crate) fn wariness(&self, address: IpAddr) -> Wariness {
        let now = self.settings.clock.milliseconds();
        self.settings.abuse.score(address, now).wariness()
    }

    /// An offence came from there.
    pub(crate) fn offended(&self, address: IpAddr, offence: Offence) {
        self.metrics.abuse.count_offence(offence);
        let now = self.settings.clock.milliseconds();
        for step in self.settings.abuse.offence(address, offence, now) {
            self.tell(&step);
        }
    }

    /// Tells what has ended, as long as it is polled. Of several calls, one does it.
    pub(crate) async fn watch_standings(self: Arc<Self>) {
        let _turn = self.watching.lock().await;
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = self.settings.clock.milliseconds();
            for step in self.settings.abuse.tick(now) {
                self.tell(&step);
            }
        }
    }

    /// Counts and logs that a prefix went up or down.
    fn tell(&self, step: &Step) {
        self.metrics.abuse.count_step(step);
        let name = |rung: Option<Rung>| rung.map_or("none", Rung::as_str);
        let (from, to) = (name(step.from), name(step.to));
        let prefix = step.prefix;
        let offence = step.offence.map(Offence::as_str);
        let ban = step.to.and_then(Rung::ban);
        match (step.is_up(), ban) {
            (true, Some(ban)) => {
                let seconds = ban.as_secs();
                tracing::warn!(%prefix, from, to, offence, seconds, "a prefix is banned");
            }
            (true, None) => tracing::info!(%prefix, from, to, offence, "a prefix is challenged"),
            (false, _) => tracing::info!(%prefix, from, to, "a prefix stands better"),
        }
    }
}
