//! A bounded queue between callers that must not wait and threads that may.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Pushing never blocks; popping does.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    capacity: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// Threads inside [`Condvar::wait`]: with none, a push saves itself the system call.
    sleeping: usize,
    closed: bool,
}

/// The queue is full, or closed; the item is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            sleeping: 0,
            closed: false,
        };
        Self {
            state: Mutex::new(state),
            filled: Condvar::new(),
            capacity,
        }
    }

    pub(crate) fn try_push(&self, item: T) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        if state.waiting.len() >= self.capacity {
            return Err(Refused::Full);
        }
        state.waiting.push_back(item);
        let wake = state.sleeping > 0;
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Moves up to `most` items to the end of `taken`, at least one; `false` once the queue is closed and empty.
    pub(crate) fn pop_many(&self, most: usize, taken: &mut Vec<T>) -> bool {
        let mut state = self.filled_or_closed();
        let count = state.waiting.len().min(most);
        taken.extend(state.waiting.drain(..count));
        count > 0
    }

    /// Refuses what comes from now on; what waits is still popped.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Like [`close`](Self::close), and drops what waits.
    pub(crate) fn close_and_clear(&self) {
        let mut state = self.lock();
        state.closed = true;
        let abandoned = std::mem::take(&mut state.waiting);
        drop(state);
        drop(abandoned);
        self.filled.notify_all();
    }

    fn filled_or_closed(&self) -> MutexGuard<'_, State<T>> {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.closed {
            state.sleeping += 1;
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.sleeping -= 1;
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pop<T>(queue: &Queue<T>) -> Option<T> {
        let mut taken = Vec::new();
        queue.pop_many(1, &mut taken);
        taken.pop()
    }

    #[test]
    fn a_full_queue_refuses_and_takes_again_after_a_pop() {
        let queue = Queue::new(1);
        assert_eq!(queue.try_push(1), Ok(()));
        assert_eq!(queue.try_push(2), Err(Refused::Full));
        assert_eq!(pop(&queue), Some(1));
        assert_eq!(queue.try_push(3), Ok(()));
    }

    #[test]
    fn a_closed_queue_refuses_but_gives_what_waits() {
        let queue = Queue::new(8);
        queue.try_push(1).unwrap();
        queue.close();
        assert_eq!(queue.try_push(2), Err(Refused::Closed));
        assert_eq!(pop(&queue), Some(1));
        assert_eq!(pop(&queue), None);
    }

    #[test]
    fn many_are_taken_at_once_in_order_and_not_more_than_asked() {
        let queue = Queue::new(8);
        (0..5).for_each(|item| queue.try_push(item).unwrap());
        let mut taken = Vec::new();
        assert!(queue.pop_many(3, &mut taken));
        assert_eq!(taken, [0, 1, 2]);
        queue.close_and_clear();
        assert!(!queue.pop_many(3, &mut taken));
    }

    #[test]
    fn a_sleeping_thread_is_woken_by_a_push_and_by_the_close() {
        let queue = Queue::new(8);
        std::thread::scope(|scope| {
            let popper = scope.spawn(|| (pop(&queue), pop(&queue)));
            queue.try_push(1).unwrap();
            queue.close();
            assert_eq!(popper.join().unwrap(), (Some(1), None));
        });
    }
}
