//! What a proof costs.

/// How many zero bits the hash of each puzzle's solution begins with: one more doubles the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Difficulty(u8);

/// What a challenge asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// Level 0: nothing, for clients that cannot compute. What it buys is next to nothing.
    None,
    /// Level 1: a solution of each of the [`PUZZLES`](super::puzzle::PUZZLES).
    Puzzles(Difficulty),
}

impl Difficulty {
    /// What is asked of everybody as long as nothing speaks against them.
    pub const USUAL: Self = Self(12);

    /// What is never exceeded, whatever the pressure: a phone of an honest visitor has to pay it too.
    pub const HIGHEST: Self = Self(15);

    /// So many steps above the usual one, each of twice the work, and never above the highest.
    #[must_use]
    pub const fn raised_by(steps: u8) -> Self {
        let raised = Self::USUAL.0.saturating_add(steps);
        if raised > Self::HIGHEST.0 {
            Self::HIGHEST
        } else {
            Self(raised)
        }
    }

    /// The zero bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// One of so many zero bits, if any challenge asks for them.
    pub(super) const fn from_bits(bits: u8) -> Option<Self> {
        if bits >= 1 && bits <= Self::HIGHEST.0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// How many hashes a whole proof takes on average: 16 times 2 to the power of the difficulty.
    #[must_use]
    pub const fn hashes(self) -> u64 {
        (super::puzzle::PUZZLES as u64) << self.0
    }
}

impl Work {
    /// How many puzzles there are to solve.
    #[must_use]
    pub const fn puzzles(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Puzzles(_) => super::puzzle::PUZZLES,
        }
    }

    /// How difficult each of them is; 0 where there is none.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Puzzles(difficulty) => difficulty.bits(),
        }
    }

    pub(super) const fn from_bits(bits: u8) -> Option<Self> {
        match (bits, Difficulty::from_bits(bits)) {
            (0, _) => Some(Self::None),
            (_, Some(difficulty)) => Some(Self::Puzzles(difficulty)),
            (_, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_doubles_the_work_up_to_the_highest() {
        assert_eq!(Difficulty::raised_by(0), Difficulty::USUAL);
        assert_eq!(Difficulty::USUAL.hashes(), 16 * 4096);
        for steps in 1..=3 {
            let before = Difficulty::raised_by(steps - 1);
            assert_eq!(Difficulty::raised_by(steps).hashes(), 2 * before.hashes());
        }
        for steps in [3, 4, u8::MAX] {
            assert_eq!(Difficulty::raised_by(steps), Difficulty::HIGHEST);
        }
    }

    #[test]
    fn work_is_read_back_from_its_bits_and_no_other_is() {
        for work in [
            Work::None,
            Work::Puzzles(Difficulty::USUAL),
            Work::Puzzles(Difficulty::HIGHEST),
        ] {
            assert_eq!(Work::from_bits(work.bits()), Some(work));
        }
        assert_eq!(Work::from_bits(Difficulty::HIGHEST.bits() + 1), None);
    }
}
