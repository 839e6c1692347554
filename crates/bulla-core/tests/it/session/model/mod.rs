//! Every history of tabs with one cookie jar, a thief, an unreliable network and issuers that crash,
//! over the very rule that the server runs. Histories have any length: states are visited until no
//! step leads to a new one. Time goes in ninths of the span.

mod honest;
mod server;
mod theft;

use std::{collections::HashMap, fmt::Debug, hash::Hash};

/// Visits every state that can be reached, the nearest first; how many there are, and how many steps the
/// last one is away.
///
/// # Panics
/// With the shortest history, if one of them must not be.
fn explore<S: Clone + Eq + Hash + Debug>(
    first: S,
    successors: impl Fn(&S) -> Vec<S>,
    must_not_be: impl Fn(&S) -> bool,
) -> (usize, usize) {
    let mut came_from = HashMap::from([(first.clone(), None)]);
    let mut frontier = vec![first];
    let mut depth = 0;
    loop {
        let mut next = Vec::new();
        for state in frontier {
            for successor in successors(&state) {
                if came_from.contains_key(&successor) {
                    continue;
                }
                came_from.insert(successor.clone(), Some(state.clone()));
                assert!(
                    !must_not_be(&successor),
                    "{:#?}",
                    history(&came_from, &successor)
                );
                next.push(successor);
            }
        }
        if next.is_empty() {
            return (came_from.len(), depth);
        }
        depth += 1;
        frontier = next;
    }
}

/// What led to a state, a line each.
fn history<S: Eq + Hash + Debug>(came_from: &HashMap<S, Option<S>>, last: &S) -> Vec<String> {
    let steps = std::iter::successors(Some(last), |state| came_from[*state].as_ref());
    let mut lines: Vec<String> = steps.map(|state| format!("{state:?}")).collect();
    lines.reverse();
    lines
}
