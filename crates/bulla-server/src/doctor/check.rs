//! Looking at one area, for a limited time.

use std::{future::Future, pin::Pin, thread, time::Duration};

use tokio::{sync::oneshot, time::timeout};

use super::{Area, AreaReport, Code, Finding, Report};

/// How long a check may take: all run at once, and the command line waits for ten seconds.
const PATIENCE: Duration = Duration::from_secs(6);

/// A look at one area that is still to be taken.
pub struct Check {
    area: Area,
    look: Pin<Box<dyn Future<Output = Seen> + Send>>,
}

/// What was looked at in a few words, and what was found.
pub type Seen = (String, Vec<Finding>);

impl Check {
    /// By waiting for others.
    pub fn new(area: Area, look: impl Future<Output = Seen> + Send + 'static) -> Self {
        Self {
            area,
            look: Box::pin(look),
        }
    }

    /// By asking the system, which may not answer: on a thread of its own, so that nothing waits for its end, the process
    /// neither.
    pub fn blocking(area: Area, look: impl FnOnce() -> Seen + Send + 'static) -> Self {
        Self::new(area, on_a_thread(look))
    }

    /// Without waiting for anything.
    pub fn at_once(area: Area, seen: impl Into<String>, findings: Vec<Finding>) -> Self {
        let seen = seen.into();
        Self::new(area, async move { (seen, findings) })
    }

    async fn taken(self) -> Seen {
        let taken = timeout(PATIENCE, self.look).await;
        taken.unwrap_or_else(|_| {
            let seconds = PATIENCE.as_secs();
            unfinished(format!("given up after {seconds} seconds"))
        })
    }
}

/// Waits for a look that may block.
pub(super) async fn on_a_thread(look: impl FnOnce() -> Seen + Send + 'static) -> Seen {
    let (sender, receiver) = oneshot::channel();
    let look = move || drop(sender.send(look()));
    let started = thread::Builder::new()
        .name("bulla-doctor".to_owned())
        .spawn(look);
    if let Err(error) = started {
        return unfinished(format!("there is no thread for it: {error}"));
    }
    let seen = receiver.await;
    seen.unwrap_or_else(|_| unfinished("it failed".to_owned()))
}

/// Takes all looks, side by side.
pub async fn examine(checks: Vec<Check>) -> Report {
    let running: Vec<_> = checks
        .into_iter()
        .map(|check| (check.area, tokio::spawn(check.taken())))
        .collect();
    let mut areas = Vec::with_capacity(running.len());
    for (area, running) in running {
        let seen = running.await;
        let (seen, findings) = seen.unwrap_or_else(|_| unfinished("it failed".to_owned()));
        areas.push(AreaReport::new(area, seen, findings));
    }
    Report::new(areas)
}

fn unfinished(why: String) -> Seen {
    let finding = Finding::new(Code::CheckUnfinished, why);
    ("not looked at".to_owned(), vec![finding])
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::doctor::Severity;

    fn seen() -> Seen {
        ("seen".to_owned(), Vec::new())
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_answer_is_given_up_and_the_rest_is_told() {
        let (hold, held) = mpsc::channel::<()>();
        let report = examine(vec![
            Check::new(Area::Store, std::future::pending()),
            Check::blocking(Area::Disk, move || {
                let _ = held.recv();
                seen()
            }),
            Check::blocking(Area::Keys, || panic!("a mistake of ours")),
            Check::new(Area::Files, async { panic!("a mistake of ours") }),
            Check::at_once(Area::Process, "seen", Vec::new()),
        ])
        .await;
        drop(hold);
        let found: Vec<_> = report
            .areas
            .iter()
            .map(|area| area.findings.first().map(|finding| finding.code))
            .collect();
        let unfinished = Some(Code::CheckUnfinished);
        assert_eq!(
            found,
            [unfinished, unfinished, unfinished, unfinished, None]
        );
        assert_eq!(report.severity, Severity::Warning);
    }

    #[tokio::test]
    async fn what_answers_is_told_in_its_order() {
        let checks = vec![
            Check::blocking(Area::Disk, seen),
            Check::new(Area::Keys, async { seen() }),
        ];
        let report = examine(checks).await;
        let areas: Vec<_> = report.areas.iter().map(|area| area.area).collect();
        assert_eq!(areas, [Area::Disk, Area::Keys]);
        assert_eq!(report.severity, Severity::Ok);
    }
}
