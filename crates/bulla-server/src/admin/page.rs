//! Lists that are answered part by part.

use crate::edge::refused::Refused;

/// How many entries of a list are in one answer: 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageLimit(u32);

impl PageLimit {
    const DEFAULT: u32 = 100;
    const MAX: u32 = 1000;

    /// Reads the parameter `limit`.
    pub(super) fn parse(asked: Option<u32>) -> Result<Self, Refused> {
        let limit = asked.unwrap_or(Self::DEFAULT);
        if !(1..=Self::MAX).contains(&limit) {
            return Err(Refused::field("limit", format!("is 1 to {}", Self::MAX)));
        }
        Ok(Self(limit))
    }

    pub(super) const fn get(self) -> u32 {
        self.0
    }

    /// The last entry, after which the next part begins; none if the list ends with these.
    pub(super) fn last<T>(self, entries: &[T]) -> Option<&T> {
        let is_full = entries.len() == self.0 as usize;
        entries.last().filter(|_| is_full)
    }
}
