use std::fmt;

use argon2::Block;

/// The memory that one hash of ours after another is computed in. It grows at the first one to what that needs, and
/// stays: a block of this size for each hash would be left behind in every arena of the allocator.
#[derive(Default)]
pub struct Workspace(Vec<Block>);

/// What a hash of our own needs.
const OWN_BLOCKS: usize = super::MEMORY_KIB as usize;

impl Workspace {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Lends so many blocks. Those of a larger hash, which somebody else has made, go back at once: it is computed
    /// once, and then made anew.
    pub(super) fn lend<T>(&mut self, count: usize, compute: impl FnOnce(&mut [Block]) -> T) -> T {
        if count > OWN_BLOCKS {
            return compute(&mut vec![Block::new(); count]);
        }
        if self.0.len() < count {
            self.0.resize(count, Block::new());
        }
        compute(&mut self.0[..count])
    }

    /// How many blocks it keeps.
    #[cfg(test)]
    pub(super) const fn blocks(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workspace(..)")
    }
}
