use ::scrypt::{Params, scrypt};
use zeroize::Zeroizing;

use super::{
    HashRefused,
    digest::Digest,
    limits,
    phc::{self, Phc},
};

/// An scrypt hash (RFC 7914): `$scrypt$ln=…,r=…,p=…$salt$output`.
#[derive(Clone, PartialEq)]
pub(super) struct ScryptHash {
    params: Params,
    digest: Digest,
}

impl ScryptHash {
    pub(super) const ID: &str = "scrypt";

    pub(super) fn parse(rest: &str) -> Result<Self, HashRefused> {
        let mut phc = Phc::read(rest)?;
        Ok(Self {
            params: params(phc.number("ln")?, phc.number("r")?, phc.number("p")?)?,
            digest: phc.digest()?,
        })
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        let (ln, r, p) = (self.params.log_n(), self.params.r(), self.params.p());
        phc::write(Self::ID, &format!("ln={ln},r={r},p={p}"), &self.digest)
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut output = self.digest.room();
        scrypt(password, &self.digest.salt, &self.params, &mut output).is_ok()
            && self.digest.is(&output)
    }
}

/// Parameters that cost no more than they may.
pub(super) fn params(log_n: u8, r: u32, p: u32) -> Result<Params, HashRefused> {
    let n = 1_u64
        .checked_shl(log_n.into())
        .ok_or(HashRefused::TooCostly)?;
    // 128 bytes for each of N × r blocks; the p lanes one after the other, of 128 × r bytes each.
    let memory = n.saturating_mul(u64::from(r)).div_ceil(8);
    let lanes = u64::from(r).saturating_mul(u64::from(p)).div_ceil(8);
    limits::filled(memory.max(lanes), u64::from(p))?;
    Params::new(log_n, r, p).map_err(|_| HashRefused::Malformed)
}
