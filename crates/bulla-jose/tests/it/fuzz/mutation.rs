/// Pieces that parsers look at twice.
const PIECES: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b".",
    b"=",
    b"-",
    b"0",
    b"1e999",
    b"null",
    b" ",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\"a\":1,\"a\":1",
    b"exp",
    b"\"alg\":\"none\"",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"18446744073709551616",
];

/// Inputs that come from seeds by small damages, in an order that is the same in every run.
pub(super) struct Mutation {
    seeds: Vec<Vec<u8>>,
    state: u64,
}

impl Mutation {
    pub(super) fn of(seeds: Vec<Vec<u8>>) -> Self {
        let state = 0x9e37_79b9_7f4a_7c15;
        Self { seeds, state }
    }

    pub(super) fn next(&mut self) -> Vec<u8> {
        let seed = self.below(self.seeds.len());
        let mut input = self.seeds[seed].clone();
        for _ in 0..=self.below(4) {
            self.damage(&mut input);
        }
        input
    }

    fn damage(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = at + self.below(input.len() - at + 1).min(16);
        match self.below(6) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => {
                let copy = input[at..end].to_vec();
                input.splice(at..at, copy);
            }
            3 if at < input.len() => input[at] ^= 1 << self.below(8),
            4 => {
                let other = self.below(self.seeds.len());
                let from = self.below(self.seeds[other].len() + 1);
                input.truncate(at);
                input.extend_from_slice(&self.seeds[other][from..]);
            }
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                input.splice(at..end, piece.iter().copied());
            }
        }
    }

    /// A number below `end`, by splitmix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % (end as u64)).unwrap_or(0)
    }
}
