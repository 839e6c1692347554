//! Password hashing on threads of its own, at the lowest priority, with a bounded queue.

use std::{
    fmt, io,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use async_trait::async_trait;
use bulla_core::{
    account::{self, Password, PasswordHash},
    ports::{Entropy, HasherOverloaded, PasswordHasher},
};
use tokio::sync::oneshot;

use crate::queue::Queue;

/// The least urgent there is: a flood of logins takes only what verified requests leave over.
const LOWEST_PRIORITY: i32 = 19;

type Work = Box<dyn FnOnce() + Send>;

/// The pool. A full queue refuses at once; who has hung up is not hashed for.
pub struct HashingPool {
    queue: Arc<Queue<Work>>,
    entropy: Arc<dyn Entropy>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl HashingPool {
    /// Starts the threads; `queue` is how many may wait besides those that are being hashed.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn start(
        threads: NonZeroUsize,
        queue: usize,
        entropy: Arc<dyn Entropy>,
    ) -> io::Result<Self> {
        let pool = Self {
            queue: Arc::new(Queue::new(queue)),
            entropy,
            threads: Mutex::default(),
        };
        for _ in 0..threads.get() {
            let queue = Arc::clone(&pool.queue);
            let thread = thread::Builder::new()
                .name("bulla-hashing".into())
                .spawn(move || work(&queue))?;
            pool.threads().push(thread);
        }
        Ok(pool)
    }

    async fn run<T: Send + 'static>(
        &self,
        hash: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HasherOverloaded> {
        let (reply, answer) = oneshot::channel();
        let work = move || {
            if !reply.is_closed() {
                drop(reply.send(hash()));
            }
        };
        self.queue
            .try_push(Box::new(work))
            .map_err(|_| HasherOverloaded)?;
        answer.await.map_err(|_| HasherOverloaded)
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PasswordHasher for HashingPool {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherOverloaded> {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        self.run(move || account::hash::hash(&password, salt)).await
    }

    async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HasherOverloaded> {
        self.run(move || match hash {
            Some(hash) => account::hash::verify(&password, &hash),
            None => {
                // The result is nobody's business, but the time it takes must be the same.
                std::hint::black_box(account::hash::verify(&password, account::hash::decoy()));
                false
            }
        })
        .await
    }
}

/// What still waits is dropped: its callers are told that the pool is overloaded.
impl Drop for HashingPool {
    fn drop(&mut self) {
        self.queue.close_and_clear();
        for thread in self.threads().drain(..) {
            // A thread that panicked has dropped its caller's answer.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for HashingPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingPool")
            .field("threads", &self.threads().len())
            .finish_non_exhaustive()
    }
}

fn work(queue: &Queue<Work>) {
    // On Linux a priority belongs to a thread: this leaves the process as it is.
    if let Err(error) =
        rustix::process::setpriority_process(Some(rustix::thread::gettid()), LOWEST_PRIORITY)
    {
        tracing::warn!(%error, "password hashing runs at normal priority");
    }
    while let Some(hash) = queue.pop() {
        hash();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        future::poll_fn,
        pin::{Pin, pin},
        sync::mpsc,
        task::Poll,
    };

    use bulla_test::SeededEntropy;

    use super::*;

    fn pool(queue: usize) -> HashingPool {
        HashingPool::start(NonZeroUsize::MIN, queue, Arc::new(SeededEntropy::default())).unwrap()
    }

    /// Lets the future run until it waits.
    async fn start<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
    }

    /// A job that says when it runs, and runs until it is told to end.
    fn gate() -> (
        impl FnOnce() + Send + 'static,
        mpsc::Receiver<()>,
        mpsc::Sender<()>,
    ) {
        let (runs, running) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let job = move || {
            runs.send(()).unwrap();
            ended.recv().unwrap();
        };
        (job, running, end)
    }

    /// The nice value of the thread that asks (proc(5): field 19 of `stat`).
    fn nice() -> i32 {
        let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
        let after_name = stat.rsplit_once(") ").unwrap().1;
        after_name.split(' ').nth(16).unwrap().parse().unwrap()
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_takes_again_later() {
        let pool = pool(1);
        let (job, running, end) = gate();
        let mut hashed = pin!(pool.run(job));
        assert!(start(hashed.as_mut()).await.is_pending());
        running.recv().unwrap();
        let mut waiting = pin!(pool.run(|| 2));
        assert!(start(waiting.as_mut()).await.is_pending());
        let mut refused = pin!(pool.run(|| 3));
        assert_eq!(
            start(refused.as_mut()).await,
            Poll::Ready(Err(HasherOverloaded))
        );
        end.send(()).unwrap();
        assert_eq!((hashed.await, waiting.await), (Ok(()), Ok(2)));
        assert_eq!(pool.run(|| 4).await, Ok(4));
    }

    #[tokio::test]
    async fn nobody_hashes_for_a_caller_that_has_hung_up() {
        let pool = pool(8);
        let (job, running, end) = gate();
        let mut first = pin!(pool.run(job));
        assert!(start(first.as_mut()).await.is_pending());
        running.recv().unwrap();
        let (ran, runs) = mpsc::channel();
        for stays in [false, true] {
            let ran = ran.clone();
            let mut caller = Box::pin(pool.run(move || ran.send(stays).unwrap()));
            assert!(start(caller.as_mut()).await.is_pending());
            if stays {
                end.send(()).unwrap();
                caller.await.unwrap();
            }
        }
        drop(ran);
        assert_eq!(runs.into_iter().collect::<Vec<_>>(), [true]);
    }

    #[tokio::test]
    async fn its_threads_have_the_lowest_priority_and_no_others() {
        let pool = pool(1);
        let before = nice();
        assert_eq!(pool.run(nice).await, Ok(LOWEST_PRIORITY));
        assert_eq!(nice(), before);
    }

    #[tokio::test]
    async fn a_pool_that_ends_answers_those_who_wait() {
        let pool = pool(8);
        let (job, running, end) = gate();
        let queue = Arc::clone(&pool.queue);
        let mut hashed = pin!(pool.run(job));
        assert!(start(hashed.as_mut()).await.is_pending());
        running.recv().unwrap();
        let mut waiting = pin!(pool.run(|| 2));
        assert!(start(waiting.as_mut()).await.is_pending());
        queue.close_and_clear();
        assert_eq!(waiting.await, Err(HasherOverloaded));
        end.send(()).unwrap();
        assert_eq!(hashed.await, Ok(()));
    }
}
