/// Primes in whose residues a modulus of the broken generator shows.
const PRIMES: [u32; 17] = [
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
];

/// Whether a modulus has the fingerprint of keys that can be factored (Nemec et al., "The Return of Coppersmith's Attack",
/// section 2.2; CVE-2017-15361): modulo each of [`PRIMES`] it is a power of 65537. A sound key has it by chance once in
/// 2^27 times.
pub(super) fn is_factorable(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let residue = modulus
            .iter()
            .fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime);
        std::iter::successors(Some(1), |power| Some(power * 65_537 % prime))
            .take(*prime as usize)
            .any(|power| power == residue)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_the_generator_is_recognised_and_its_neighbour_is_not() {
        // 65537^5 in bytes: a power of the generator modulo every prime.
        let power = 65_537_u128.pow(5);
        assert!(is_factorable(&power.to_be_bytes()));
        assert!(!is_factorable(&(power + 2).to_be_bytes()));
    }
}
