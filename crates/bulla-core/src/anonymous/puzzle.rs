//! The puzzles: decimal numbers whose hash begins with enough zero bits.
//!
//! Sixteen small ones take a more even time than one that is sixteen times as hard.

use aws_lc_rs::digest::{Context, SHA256};

use super::difficulty::Difficulty;

/// How many puzzles a challenge has, unless it asks for no work.
pub const PUZZLES: u8 = 16;

/// One puzzle of a challenge.
#[derive(Clone)]
pub struct Puzzle {
    /// SHA-256 over `challenge.index.` so far.
    begun: Context,
}

/// A number that may solve a puzzle: 0 to 2^53, which every language reads from JSON as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(u64);

/// The number is above 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a nonce is a whole number from 0 to 2^53")]
pub struct InvalidNonce;

/// What is wrong with a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsolved {
    /// There are more or fewer numbers than puzzles.
    #[error("the challenge has {puzzles} puzzles, and there are {nonces} nonces")]
    OtherCount {
        /// How many numbers it takes.
        puzzles: u8,
        /// How many there are.
        nonces: usize,
    },
    /// A number does not solve its puzzle.
    #[error("nonce {index} does not solve its puzzle")]
    Wrong {
        /// Which, from 0.
        index: u8,
    },
}

impl Puzzle {
    /// Puzzle `index` of the challenge with this text.
    #[must_use]
    pub fn new(challenge: &str, index: u8) -> Self {
        let mut begun = Context::new(&SHA256);
        begun.update(challenge.as_bytes());
        begun.update(format!(".{index}.").as_bytes());
        Self { begun }
    }

    /// With how many zero bits the SHA-256 of `challenge.index.nonce` begins.
    #[must_use]
    pub fn zero_bits(&self, nonce: Nonce) -> u32 {
        let mut hash = self.begun.clone();
        hash.update(nonce.0.to_string().as_bytes());
        let digest = hash.finish();
        let first = digest.as_ref().first_chunk().copied().unwrap_or([0xff; 8]);
        u64::from_be_bytes(first).leading_zeros()
    }

    /// The smallest number whose hash begins with so many zero bits. Takes 2 to the power of them hashes on average.
    #[must_use]
    pub fn solve(&self, zero_bits: u32) -> Nonce {
        let mut nonce = Nonce(0);
        while self.zero_bits(nonce) < zero_bits {
            nonce.0 += 1;
        }
        nonce
    }
}

/// Whether these are solutions of all puzzles of a challenge, in their order.
///
/// # Errors
/// [`Unsolved`]: the first that is none.
pub fn check(challenge: &str, difficulty: Difficulty, nonces: &[Nonce]) -> Result<(), Unsolved> {
    if nonces.len() != usize::from(PUZZLES) {
        return Err(Unsolved::OtherCount {
            puzzles: PUZZLES,
            nonces: nonces.len(),
        });
    }
    for (index, nonce) in (0..PUZZLES).zip(nonces) {
        if Puzzle::new(challenge, index).zero_bits(*nonce) < difficulty.bits().into() {
            return Err(Unsolved::Wrong { index });
        }
    }
    Ok(())
}

impl Nonce {
    /// The largest.
    pub const MAX: u64 = 1 << 53;

    /// The number.
    ///
    /// # Errors
    /// [`InvalidNonce`] above [`MAX`](Self::MAX).
    pub const fn new(number: u64) -> Result<Self, InvalidNonce> {
        if number > Self::MAX {
            return Err(InvalidNonce);
        }
        Ok(Self(number))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl std::fmt::Debug for Puzzle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Puzzle(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonce(number: u64) -> Nonce {
        Nonce::new(number).unwrap()
    }

    #[test]
    fn the_hash_is_over_challenge_index_and_number_in_decimal() {
        for (index, number) in [(7, 0), (7, 12_345), (15, Nonce::MAX)] {
            let text = format!("abc.{index}.{number}");
            let digest = aws_lc_rs::digest::digest(&SHA256, text.as_bytes());
            let bits = digest
                .as_ref()
                .iter()
                .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
            let zero = bits.take_while(|bit| *bit == 0).count();
            let counted = Puzzle::new("abc", index).zero_bits(nonce(number));
            assert_eq!(usize::try_from(counted).unwrap(), zero, "{text}");
        }
    }

    #[test]
    fn a_solution_is_exactly_the_numbers_that_solve_it_in_their_order() {
        let difficulty = Difficulty::from_bits(4).unwrap();
        let solution: Vec<Nonce> = (0..PUZZLES)
            .map(|index| Puzzle::new("c", index).solve(4))
            .collect();
        assert_eq!(check("c", difficulty, &solution), Ok(()));
        let harder = Difficulty::from_bits(12).unwrap();
        assert!(matches!(
            check("c", harder, &solution),
            Err(Unsolved::Wrong { .. })
        ));
        assert!(matches!(
            check("d", difficulty, &solution),
            Err(Unsolved::Wrong { .. })
        ));
        for count in [0, 15] {
            let refused = check("c", difficulty, &solution[..count]);
            let puzzles = PUZZLES;
            let nonces = count;
            assert_eq!(refused, Err(Unsolved::OtherCount { puzzles, nonces }));
        }
        let mut longer = solution.clone();
        longer.push(solution[0]);
        assert!(check("c", difficulty, &longer).is_err());
    }

    #[test]
    fn numbers_end_where_javascripts_do() {
        assert_eq!(Nonce::new(Nonce::MAX).map(Nonce::get), Ok(1 << 53));
        assert_eq!(Nonce::new(Nonce::MAX + 1), Err(InvalidNonce));
    }
}
