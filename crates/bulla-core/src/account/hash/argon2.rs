use ::argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::{
    HashRefused,
    digest::Digest,
    limits,
    phc::{self, Phc, number},
    workspace::Workspace,
};

/// An Argon2 hash (RFC 9106): `$argon2id$v=19$m=…,t=…,p=…$salt$output`.
#[derive(Clone, PartialEq)]
pub(super) struct Argon2Hash {
    function: Argon2Function,
    digest: Digest,
}

/// One of the functions of this name.
#[derive(Clone, PartialEq)]
struct Argon2Function {
    algorithm: Algorithm,
    version: Version,
    params: Box<Params>,
}

impl Argon2Hash {
    pub(super) const IDS: [&str; 3] = ["argon2d", "argon2i", "argon2id"];

    /// Hashes with the parameters of our own.
    pub(super) fn make(password: &[u8], salt: &[u8; 16], workspace: &mut Workspace) -> Self {
        let function = Argon2Function::own();
        let mut output = Zeroizing::new([0; Params::DEFAULT_OUTPUT_LEN]);
        function
            .compute(password, salt, output.as_mut(), workspace)
            .expect("Argon2 takes any password up to 4 GiB with a salt of 16 bytes");
        let digest = Digest::new(salt, output.as_slice());
        Self {
            function,
            digest: digest.expect("the lengths are within the limits"),
        }
    }

    /// Whether it was made with the parameters of our own.
    pub(super) fn is_own(&self) -> bool {
        self.function == Argon2Function::own()
            && self.digest.output().len() == Params::DEFAULT_OUTPUT_LEN
    }

    pub(super) fn parse(id: &str, rest: &str) -> Result<Self, HashRefused> {
        let mut phc = Phc::read(rest)?;
        // The first version did not write its number.
        let version = phc.take_version().map(number::<u32>).transpose()?;
        let (memory, passes): (u32, u32) = (phc.number("m")?, phc.number("t")?);
        let lanes = phc.number("p")?;
        limits::filled(memory.into(), passes.into())?;
        let malformed = |_| HashRefused::Malformed;
        Ok(Self {
            function: Argon2Function {
                algorithm: id.parse().map_err(malformed)?,
                version: version
                    .map_or(Ok(Version::V0x10), Version::try_from)
                    .map_err(malformed)?,
                params: Box::new(Params::new(memory, passes, lanes, None).map_err(malformed)?),
            },
            digest: phc.digest()?,
        })
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        let Argon2Function {
            algorithm,
            version,
            params,
        } = &self.function;
        let (v, m, t, p) = (
            u32::from(*version),
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
        );
        phc::write(
            algorithm.as_str(),
            &format!("v={v}$m={m},t={t},p={p}"),
            &self.digest,
        )
    }

    pub(super) fn matches(&self, password: &[u8], workspace: &mut Workspace) -> bool {
        let mut output = self.digest.room();
        self.function
            .compute(password, &self.digest.salt, &mut output, workspace)
            .is_ok()
            && self.digest.is(&output)
    }
}

impl Argon2Function {
    fn own() -> Self {
        let params = Params::new(super::MEMORY_KIB, super::PASSES, super::LANES, None);
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: Box::new(params.expect("the parameters are within Argon2's bounds")),
        }
    }

    fn compute(
        &self,
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
        workspace: &mut Workspace,
    ) -> Result<(), ::argon2::Error> {
        let hasher = Argon2::new(self.algorithm, self.version, (*self.params).clone());
        workspace.lend(self.params.block_count(), |blocks| {
            hasher.hash_password_into_with_memory(password, salt, output, blocks)
        })
    }
}
