//! Content encryption (RFC 7518 section 5): AES-GCM, and AES-CBC with HMAC as section 5.2.2 composes them.

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{
        AES_128, AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
        PaddedBlockEncryptingKey, UnboundCipherKey,
    },
    constant_time, hmac,
};
use zeroize::Zeroizing;

use super::{super::Rejected, random};
use crate::jwa::ContentEncryption;

/// Encrypted content and what is needed to open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) iv: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

const TAG_BYTES_GCM: usize = 16;

/// Encrypts and authenticates under a new random IV; `authenticated` is authenticated too.
pub(crate) fn seal(
    encryption: ContentEncryption,
    key: &[u8],
    authenticated: &[u8],
    plaintext: &[u8],
) -> Result<Sealed, Rejected> {
    match Mode::of(encryption) {
        Mode::Gcm(algorithm) => {
            let mut nonce = [0; 12];
            random(&mut nonce)?;
            let mut ciphertext = plaintext.to_vec();
            let tag = gcm_key(algorithm, key)?.seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(authenticated),
                &mut ciphertext,
            )?;
            Ok(Sealed {
                iv: nonce.to_vec(),
                ciphertext,
                tag: tag.as_ref().to_vec(),
            })
        }
        Mode::CbcHmac(parts) => {
            let (mac_key, cipher_key) = parts.split(key)?;
            let mut iv = [0; 16];
            random(&mut iv)?;
            // Room for the padding, so that no copy of the plaintext is left behind by growing.
            let mut ciphertext = Vec::with_capacity(plaintext.len() + iv.len());
            ciphertext.extend_from_slice(plaintext);
            let cipher = UnboundCipherKey::new(parts.cipher, cipher_key)?;
            PaddedBlockEncryptingKey::cbc_pkcs7(cipher)?
                .less_safe_encrypt(&mut ciphertext, EncryptionContext::Iv128(iv.into()))?;
            let tag = parts.tag(mac_key, authenticated, &iv, &ciphertext);
            Ok(Sealed {
                iv: iv.to_vec(),
                ciphertext,
                tag: tag[..parts.half].to_vec(),
            })
        }
    }
}

/// The plaintext, if all of it and of `authenticated` is what was sealed with this key. The tag is checked first, in
/// constant time, and a plaintext that it does not hold for is never looked at.
pub(crate) fn open(
    encryption: ContentEncryption,
    key: &[u8],
    authenticated: &[u8],
    sealed: Sealed,
) -> Result<Zeroizing<Vec<u8>>, Rejected> {
    let Sealed {
        iv,
        ciphertext,
        tag,
    } = sealed;
    let mut plaintext = Zeroizing::new(ciphertext);
    let length = match Mode::of(encryption) {
        Mode::Gcm(algorithm) => {
            if tag.len() != TAG_BYTES_GCM {
                return Err(Rejected);
            }
            plaintext.extend_from_slice(&tag);
            gcm_key(algorithm, key)?
                .open_in_place(
                    Nonce::try_assume_unique_for_key(&iv)?,
                    Aad::from(authenticated),
                    &mut plaintext,
                )?
                .len()
        }
        Mode::CbcHmac(parts) => {
            let (mac_key, cipher_key) = parts.split(key)?;
            let iv: [u8; 16] = iv.try_into().map_err(|_| Rejected)?;
            let expected = parts.tag(mac_key, authenticated, &iv, &plaintext);
            constant_time::verify_slices_are_equal(&expected[..parts.half], &tag)?;
            let cipher = UnboundCipherKey::new(parts.cipher, cipher_key)?;
            PaddedBlockDecryptingKey::cbc_pkcs7(cipher)?
                .decrypt(&mut plaintext, DecryptionContext::Iv128(iv.into()))?
                .len()
        }
    };
    plaintext.truncate(length);
    Ok(plaintext)
}

enum Mode {
    Gcm(&'static aws_lc_rs::aead::Algorithm),
    CbcHmac(CbcHmac),
}

/// RFC 7518 section 5.2.2: the first half of the key is for the MAC, the second for the cipher, and the tag is half a hash.
struct CbcHmac {
    half: usize,
    cipher: &'static aws_lc_rs::cipher::Algorithm,
    mac: hmac::Algorithm,
}

impl Mode {
    fn of(encryption: ContentEncryption) -> Self {
        match encryption {
            ContentEncryption::A128Gcm => Self::Gcm(&AES_128_GCM),
            ContentEncryption::A256Gcm => Self::Gcm(&AES_256_GCM),
            ContentEncryption::A128CbcHs256 => Self::CbcHmac(CbcHmac {
                half: 16,
                cipher: &AES_128,
                mac: hmac::HMAC_SHA256,
            }),
            ContentEncryption::A256CbcHs512 => Self::CbcHmac(CbcHmac {
                half: 32,
                cipher: &AES_256,
                mac: hmac::HMAC_SHA512,
            }),
        }
    }
}

impl CbcHmac {
    fn split<'k>(&self, key: &'k [u8]) -> Result<(&'k [u8], &'k [u8]), Rejected> {
        let whole = key.len() == 2 * self.half;
        whole.then(|| key.split_at(self.half)).ok_or(Rejected)
    }

    /// The whole HMAC over A ‖ IV ‖ E ‖ AL.
    fn tag(&self, key: &[u8], authenticated: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
        let bits = 8 * authenticated.len() as u64;
        let mut mac = hmac::Context::with_key(&hmac::Key::new(self.mac, key));
        for part in [authenticated, iv, ciphertext, &bits.to_be_bytes()] {
            mac.update(part);
        }
        mac.sign().as_ref().to_vec()
    }
}

fn gcm_key(
    algorithm: &'static aws_lc_rs::aead::Algorithm,
    key: &[u8],
) -> Result<LessSafeKey, Rejected> {
    Ok(LessSafeKey::new(UnboundKey::new(algorithm, key)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| {
            let text = std::str::from_utf8(pair).unwrap();
            u8::from_str_radix(text, 16).unwrap()
        };
        digits.chunks(2).map(byte).collect()
    }

    /// Opens a vector of RFC 7518 appendix B, whose keys, IV, plaintext and additional data are the same.
    #[track_caller]
    fn rfc_7518_b(encryption: ContentEncryption, ciphertext: &str, tag: &str) {
        let key: Vec<u8> = (0_u8..).take(encryption.key_bytes()).collect();
        let sealed = Sealed {
            iv: bytes("1af38c2dc2b96ffdd86694092341bc04"),
            ciphertext: bytes(ciphertext),
            tag: bytes(tag),
        };
        let authenticated = b"The second principle of Auguste Kerckhoffs";
        let plaintext = open(encryption, &key, authenticated, sealed.clone()).unwrap();
        let expected = "A cipher system must not be required to be secret, and it must be able to fall into the \
            hands of the enemy without inconvenience";
        assert_eq!(String::from_utf8_lossy(&plaintext), expected);
        assert!(open(encryption, &key, b"The first principle", sealed).is_err());
    }

    #[test]
    fn rfc_7518_b_1_a128cbc_hs256() {
        rfc_7518_b(
            ContentEncryption::A128CbcHs256,
            "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9
             a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336
             09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b
             384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5
             4b8851ffb598f7f80074b9473c82e2db",
            "652c3fa36b0a7c5b3219fab3a30bc1c4",
        );
    }

    #[test]
    fn rfc_7518_b_3_a256cbc_hs512() {
        rfc_7518_b(
            ContentEncryption::A256CbcHs512,
            "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd
             822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b
             36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3
             a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b
             be2638d09dd7a4930930806d0703b1f6",
            "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
        );
    }

    #[test]
    fn keys_ivs_and_tags_of_another_length_are_refused() {
        for &encryption in ContentEncryption::ALL {
            let key = vec![7; encryption.key_bytes()];
            let sealed = seal(encryption, &key, b"aad", b"plain").unwrap();
            let opens =
                |key: &[u8], sealed: &Sealed| open(encryption, key, b"aad", sealed.clone()).is_ok();
            assert!(opens(&key, &sealed), "the control");
            assert!(seal(encryption, &key[1..], b"aad", b"plain").is_err());
            assert!(!opens(&key[1..], &sealed));
            for length in 0..40 {
                let mut other = sealed.clone();
                other.tag.resize(length, 0);
                assert_eq!(opens(&key, &other), length == sealed.tag.len());
                let mut other = sealed.clone();
                other.iv.resize(length, 0);
                assert_eq!(opens(&key, &other), length == sealed.iv.len());
            }
        }
    }
}
