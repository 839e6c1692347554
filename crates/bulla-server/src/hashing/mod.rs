//! Password hashing on threads of its own, at the lowest priority, with a bounded queue.

mod priority;

use std::{fmt, io, num::NonZeroUsize, sync::Arc};

use async_trait::async_trait;
use bulla_core::{
    account::{
        Password, PasswordHash,
        hash::{self, Workspace},
    },
    ports::{Entropy, HasherOverloaded, PasswordHasher},
};
use tokio::sync::oneshot;

use crate::workers::{Work, Workers};

type Hash = Box<dyn FnOnce(&mut Workspace) + Send>;

/// The pool. A full queue refuses at once; who has hung up is not hashed for.
pub struct HashingPool {
    workers: Workers<Hash>,
    entropy: Arc<dyn Entropy>,
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
        let hashers = (0..threads.get()).map(|_| Hasher::default());
        Ok(Self {
            workers: Workers::start("bulla-hashing", queue, hashers)?,
            entropy,
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        hash: impl FnOnce(&mut Workspace) -> T + Send + 'static,
    ) -> Result<T, HasherOverloaded> {
        let (reply, answer) = oneshot::channel();
        let work = move |workspace: &mut Workspace| {
            if !reply.is_closed() {
                drop(reply.send(hash(workspace)));
            }
        };
        self.workers
            .submit(Box::new(work))
            .map_err(|_| HasherOverloaded)?;
        answer.await.map_err(|_| HasherOverloaded)
    }
}

#[async_trait]
impl PasswordHasher for HashingPool {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherOverloaded> {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        self.run(move |workspace| hash::hash(&password, salt, workspace))
            .await
    }

    async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HasherOverloaded> {
        self.run(move |workspace| match hash {
            Some(hash) => hash::verify(&password, &hash, workspace),
            None => {
                // The result is nobody's business, but the time it takes must be the same.
                std::hint::black_box(hash::verify(&password, hash::decoy(), workspace));
                false
            }
        })
        .await
    }
}

/// What still waits is dropped: its callers are told that the pool is overloaded.
impl Drop for HashingPool {
    fn drop(&mut self) {
        self.workers.abandon();
    }
}

impl fmt::Debug for HashingPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingPool").finish_non_exhaustive()
    }
}

/// One thread of the pool, and the memory that it hashes in.
#[derive(Default)]
struct Hasher(Workspace);

impl Work<Hash> for Hasher {
    fn begin(&mut self) {
        priority::lower();
    }

    fn work(&mut self, hashes: &mut Vec<Hash>) {
        for hash in hashes.drain(..) {
            hash(&mut self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
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
        impl FnOnce(&mut Workspace) + Send + 'static,
        mpsc::Receiver<()>,
        mpsc::Sender<()>,
    ) {
        let (runs, running) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let job = move |_: &mut Workspace| {
            runs.send(()).unwrap();
            ended.recv().unwrap();
        };
        (job, running, end)
    }

    #[cfg(target_os = "linux")]
    /// The nice value of the thread that asks (proc(5): field 19 of `stat`).
    fn nice() -> i32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
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
        let mut waiting = pin!(pool.run(|_| 2));
        assert!(start(waiting.as_mut()).await.is_pending());
        let mut refused = pin!(pool.run(|_| 3));
        assert_eq!(
            start(refused.as_mut()).await,
            Poll::Ready(Err(HasherOverloaded))
        );
        end.send(()).unwrap();
        assert_eq!((hashed.await, waiting.await), (Ok(()), Ok(2)));
        assert_eq!(pool.run(|_| 4).await, Ok(4));
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
            let mut caller = Box::pin(pool.run(move |_| ran.send(stays).unwrap()));
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
    async fn a_hash_that_panics_is_told_and_the_thread_goes_on() {
        let pool = pool(8);
        let panicked = pool.run(|_| panic!("told to panic")).await;
        assert_eq!(panicked, Err::<(), _>(HasherOverloaded));
        assert_eq!(pool.run(|_| 2).await, Ok(2));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_have_the_lowest_priority_and_no_others() {
        let pool = pool(1);
        let before = nice();
        assert_eq!(pool.run(|_| nice()).await, Ok(19));
        assert_eq!(nice(), before);
    }

    #[tokio::test]
    async fn a_pool_that_ends_answers_those_who_wait() {
        let pool = Arc::new(pool(8));
        let (job, running, end) = gate();
        let mut hashed = pin!(pool.run(job));
        assert!(start(hashed.as_mut()).await.is_pending());
        running.recv().unwrap();
        let mut waiting = pin!(pool.run(|_| 2));
        assert!(start(waiting.as_mut()).await.is_pending());
        let ending = {
            let pool = Arc::clone(&pool);
            tokio::task::spawn_blocking(move || pool.workers.abandon())
        };
        assert_eq!(waiting.await, Err(HasherOverloaded));
        end.send(()).unwrap();
        ending.await.unwrap();
        assert_eq!(hashed.await, Ok(()));
    }
}
