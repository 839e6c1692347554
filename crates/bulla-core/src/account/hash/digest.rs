use aws_lc_rs::constant_time;
use zeroize::Zeroizing;

use super::{HashRefused, limits};

/// What a function made of a password, and the salt that it took.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) salt: Zeroizing<Vec<u8>>,
    output: Zeroizing<Vec<u8>>,
}

impl Digest {
    pub(super) fn new(salt: &[u8], output: &[u8]) -> Result<Self, HashRefused> {
        limits::lengths(salt, output)?;
        Ok(Self {
            salt: Zeroizing::new(salt.to_vec()),
            output: Zeroizing::new(output.to_vec()),
        })
    }

    pub(super) fn output(&self) -> &[u8] {
        &self.output
    }

    /// Room for what the function makes of another password.
    pub(super) fn room(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![0; self.output.len()])
    }

    /// Compared in constant time.
    pub(super) fn is(&self, output: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.output, output).is_ok()
    }
}
