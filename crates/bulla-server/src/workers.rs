//! Threads that take their work from one bounded queue.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use crate::queue::{Queue, Refused};

/// What one of the threads does, and what it needs for that.
pub(crate) trait Work<T>: Send + 'static {
    /// How many items it takes at once, if so many wait.
    const AT_ONCE: usize = 1;

    /// Runs first, on the thread.
    fn begin(&mut self) {}

    /// Does what was taken, at least one item. If it panics, the rest is dropped and the thread goes
    /// on; so an item must tell whoever waits for it when it is dropped undone, as a oneshot sender does.
    fn work(&mut self, items: &mut Vec<T>);
}

/// The threads and their queue. Dropped, they do what waits, and end.
pub(crate) struct Workers<T> {
    queue: Arc<Queue<T>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl<T: Send + 'static> Workers<T> {
    /// Starts a thread of this name for each of `works`; `capacity` is how many items may wait.
    ///
    /// # Errors
    /// The system has no more threads.
    pub(crate) fn start<W: Work<T>>(
        name: &str,
        capacity: usize,
        works: impl IntoIterator<Item = W>,
    ) -> io::Result<Self> {
        let workers = Self {
            queue: Arc::new(Queue::new(capacity)),
            threads: Mutex::default(),
        };
        let mut threads = Vec::new();
        for work in works {
            let queue = Arc::clone(&workers.queue);
            let thread = thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || work_off(&queue, work))?;
            threads.push(thread);
        }
        *workers.threads() = threads;
        Ok(workers)
    }
}

impl<T> Workers<T> {
    /// Puts an item into the queue, or refuses at once.
    pub(crate) fn submit(&self, item: T) -> Result<(), Refused> {
        self.queue.try_push(item)
    }

    /// Does what waits, and ends the threads; later items are refused. Blocks.
    pub(crate) fn close(&self) {
        self.queue.close();
        self.join();
    }

    /// Drops what waits, and ends the threads after what they are at. Blocks.
    pub(crate) fn abandon(&self) {
        self.queue.close_and_clear();
        self.join();
    }

    fn join(&self) {
        let threads = std::mem::take(&mut *self.threads());
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a worker thread had ended by a panic");
            }
        }
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Workers<T> {
    fn drop(&mut self) {
        self.close();
    }
}

fn work_off<T, W: Work<T>>(queue: &Queue<T>, mut work: W) {
    work.begin();
    let mut items = Vec::new();
    while queue.pop_many(W::AT_ONCE, &mut items) {
        // A thread that ended would leave later callers waiting for ever. What a panic leaves of the
        // work's own state is for the work to tidy at its next turn.
        let done = catch_unwind(AssertUnwindSafe(|| work.work(&mut items)));
        if done.is_err() {
            tracing::error!("a job has panicked; whoever waits for it is told that it failed");
        }
        items.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Sender};

    use super::*;

    /// Answers twice the number; panics at zero.
    struct Double;

    type Item = (u32, Sender<u32>);

    impl Work<Item> for Double {
        const AT_ONCE: usize = 4;

        fn work(&mut self, items: &mut Vec<Item>) {
            for (number, reply) in items.drain(..) {
                assert!(number > 0, "told to panic");
                reply.send(number * 2).unwrap();
            }
        }
    }

    fn ask(workers: &Workers<Item>, number: u32) -> mpsc::Receiver<u32> {
        let (reply, answer) = mpsc::channel();
        workers.submit((number, reply)).unwrap();
        answer
    }

    #[test]
    fn after_a_panic_its_caller_is_told_and_the_next_is_answered() {
        let workers = Workers::start("test", 8, [Double]).unwrap();
        assert!(ask(&workers, 0).recv().is_err(), "the reply was dropped");
        assert_eq!(ask(&workers, 3).recv(), Ok(6));
    }

    #[test]
    fn closing_does_what_waits_and_refuses_what_comes_later() {
        let workers = Workers::start("test", 8, [Double]).unwrap();
        let answers: Vec<_> = (1..=8).map(|number| ask(&workers, number)).collect();
        workers.close();
        let answers = answers.iter().map(|answer| answer.try_recv().unwrap());
        assert!(answers.eq((1..=8).map(|number| number * 2)));
        let (reply, answer) = mpsc::channel();
        assert_eq!(workers.submit((1, reply)), Err(Refused::Closed));
        assert!(answer.recv().is_err());
    }
}
