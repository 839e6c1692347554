use ::scrypt::{Params, scrypt};
use aws_lc_rs::{
    cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    iv::FixedLength,
};
use zeroize::Zeroizing;

use super::{
    HashRefused,
    digest::Digest,
    limits,
    phc::{self, Phc},
    scrypt::params,
};

/// A hash as Firebase Authentication makes them: the project's signer key, encrypted by AES-256 in counter mode under
/// what scrypt makes of the password. `$firebase-scrypt$ln=…,r=…,separator=…,signer=…$salt$output`.
#[derive(Clone, PartialEq)]
pub(super) struct FirebaseScryptHash {
    params: Params,
    salt_separator: Zeroizing<Vec<u8>>,
    signer_key: Zeroizing<Vec<u8>>,
    digest: Digest,
}

impl FirebaseScryptHash {
    pub(super) const ID: &str = "firebase-scrypt";

    pub(super) fn parse(rest: &str) -> Result<Self, HashRefused> {
        let mut phc = Phc::read(rest)?;
        let params = params(phc.number("ln")?, phc.number("r")?, 1)?;
        let (salt_separator, signer_key) = (phc.bytes("separator")?, phc.bytes("signer")?);
        let digest = phc.digest()?;
        // The output is the signer key, encrypted.
        if signer_key.len() != digest.output().len() {
            return Err(HashRefused::Malformed);
        }
        limits::lengths(&salt_separator, &signer_key)?;
        Ok(Self {
            params,
            salt_separator,
            signer_key,
            digest,
        })
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        let (ln, r) = (self.params.log_n(), self.params.r());
        let separator = phc::encode(&self.salt_separator);
        let signer = phc::encode(&self.signer_key);
        let parameters = Zeroizing::new(format!(
            "ln={ln},r={r},separator={},signer={}",
            *separator, *signer
        ));
        phc::write(Self::ID, &parameters, &self.digest)
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        self.output(password)
            .is_some_and(|output| self.digest.is(&output))
    }

    fn output(&self, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let salt = [&self.digest.salt[..], &self.salt_separator[..]].concat();
        // Firebase derives 64 bytes and encrypts with the first half of them.
        let mut derived = Zeroizing::new([0; 64]);
        scrypt(password, &salt, &self.params, &mut derived[..]).ok()?;
        let key = UnboundCipherKey::new(&AES_256, &derived[..32]).ok()?;
        let cipher = EncryptingKey::ctr(key).ok()?;
        let mut output = self.signer_key.clone();
        let counter = EncryptionContext::Iv128(FixedLength::from([0; 16]));
        cipher.less_safe_encrypt(&mut output, counter).ok()?;
        Some(output)
    }
}
