use std::time::{Duration, Instant};

use crate::contenders::Contender;

const ROUNDS: usize = 61;
const SLICE: Duration = Duration::from_millis(4);

/// What one contender took.
pub(crate) struct Figure {
    pub(crate) library: &'static str,
    /// The median over all rounds.
    pub(crate) nanoseconds: f64,
    /// To the first contender in the same round; the median over all rounds.
    pub(crate) ratio: f64,
}

/// Lets the contenders take turns, a slice of time each, so that whatever else the machine does hits all of them. The
/// first is what the others are compared with.
pub(crate) fn interleaved(mut contenders: Vec<Contender>) -> Vec<Figure> {
    let counts: Vec<u32> = contenders.iter_mut().map(fitting_count).collect();
    let mut taken = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for (at, contender) in contenders.iter_mut().enumerate() {
            taken[at].push(nanoseconds(contender, counts[at]));
        }
    }
    contenders
        .iter()
        .zip(&taken)
        .map(|(contender, own)| Figure {
            library: contender.library,
            nanoseconds: median(own.clone()),
            ratio: median(
                own.iter()
                    .zip(&taken[0])
                    .map(|(own, first)| own / first)
                    .collect(),
            ),
        })
        .collect()
}

/// How often it runs in a slice. Finding out warms it up: caches, and headers that are learnt.
fn fitting_count(contender: &mut Contender) -> u32 {
    let mut count = 1;
    loop {
        let started = Instant::now();
        (0..count).for_each(|_| (contender.act)());
        if started.elapsed() >= SLICE {
            return count;
        }
        count *= 2;
    }
}

fn nanoseconds(contender: &mut Contender, count: u32) -> f64 {
    let started = Instant::now();
    (0..count).for_each(|_| (contender.act)());
    started.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
