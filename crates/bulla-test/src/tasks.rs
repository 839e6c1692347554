//! Futures side by side, without a runtime.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use crate::SeededEntropy;

/// A future as [`join_all`] and [`interleaved`] take it.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Runs all of them at once, each a step in turn; the results are in their order.
pub async fn join_all<T>(tasks: Vec<Task<'_, T>>) -> Vec<T> {
    let mut running: Vec<Running<'_, T>> = tasks.into_iter().map(Running::Task).collect();
    poll_fn(|context| {
        for slot in &mut running {
            slot.step(context);
        }
        all_done(&running)
    })
    .await;
    results(running)
}

/// Runs all of them at once, a step of one drawn by lot after another: each seed is another
/// order of events.
pub async fn interleaved<T>(seed: u64, tasks: Vec<Task<'_, T>>) -> Vec<T> {
    let lots = SeededEntropy::new(seed);
    let mut running: Vec<Running<'_, T>> = tasks.into_iter().map(Running::Task).collect();
    poll_fn(|context| {
        for _ in 0..running.len() {
            let drawn = lots.below(running.len());
            running[drawn].step(context);
        }
        // Whoever waits for nothing but its turn gets it: everything here steps aside by waking.
        context.waker().wake_by_ref();
        all_done(&running)
    })
    .await;
    results(running)
}

/// Lets the other futures go first, once.
pub async fn step_aside() {
    let mut stepped = false;
    poll_fn(|context| {
        if stepped {
            return Poll::Ready(());
        }
        stepped = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

enum Running<'a, T> {
    Task(Task<'a, T>),
    Done(T),
}

impl<T> Running<'_, T> {
    fn step(&mut self, context: &mut std::task::Context<'_>) {
        if let Self::Task(task) = self
            && let Poll::Ready(result) = task.as_mut().poll(context)
        {
            *self = Self::Done(result);
        }
    }
}

fn all_done<T>(running: &[Running<'_, T>]) -> Poll<()> {
    if running.iter().all(|slot| matches!(slot, Running::Done(_))) {
        Poll::Ready(())
    } else {
        Poll::Pending
    }
}

fn results<T>(running: Vec<Running<'_, T>>) -> Vec<T> {
    running
        .into_iter()
        .filter_map(|slot| match slot {
            Running::Done(result) => Some(result),
            Running::Task(_) => None,
        })
        .collect()
}
