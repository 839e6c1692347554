use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::LinkId;

/// Eight digits, for whoever reads their mail on another device than they sign in on. Wiped after use, hidden in
/// `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkCode(Zeroizing<String>);

/// What is stored of a code: so few digits would be guessed from a plain hash of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeMac([u8; 32]);

/// The key of the MACs.
#[derive(Clone)]
pub struct LinkKey(hmac::Key);

impl LinkCode {
    const DIGITS: usize = 8;

    /// The code of this random number: no digit is likelier than another by more than one in 10¹¹.
    #[must_use]
    pub fn from_random(bytes: [u8; 8]) -> Self {
        let number = u64::from_le_bytes(bytes) % 100_000_000;
        Self(Zeroizing::new(format!("{number:08}")))
    }

    /// Reads a code as people type it: with spaces and hyphens between the digits. What is no code is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 3 * Self::DIGITS {
            return None;
        }
        let mut digits = Zeroizing::new(String::with_capacity(text.len()));
        digits.extend(text.chars().filter(|c| !matches!(c, ' ' | '-')));
        let whole = digits.len() == Self::DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
        whole.then_some(Self(digits))
    }

    /// The digits, for the letter.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl LinkKey {
    /// The key made of this secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// What is stored of the code of this link.
    #[must_use]
    pub fn mac(&self, link: &LinkId, code: &LinkCode) -> CodeMac {
        let mut mac = [0; 32];
        mac.copy_from_slice(hmac::sign(&self.0, &message(link, code)).as_ref());
        CodeMac(mac)
    }

    /// Whether it is the code of this link. In constant time.
    #[must_use]
    pub fn holds(&self, link: &LinkId, code: &LinkCode, mac: &CodeMac) -> bool {
        hmac::verify(&self.0, &message(link, code), &mac.0).is_ok()
    }
}

impl CodeMac {
    /// The MAC of these bytes, from the store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Both parts have a fixed length, so no two messages are the same.
fn message(link: &LinkId, code: &LinkCode) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([&link.as_bytes()[..], code.expose().as_bytes()].concat())
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(..)")
    }
}

impl fmt::Debug for CodeMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeMac(..)")
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_holds_for_its_link_alone() {
        let key = LinkKey::new(&[1; 32]);
        let (link, other) = (LinkId::from_bytes([1; 32]), LinkId::from_bytes([2; 32]));
        let code = LinkCode::from_random([7; 8]);
        let mac = key.mac(&link, &code);
        assert!(key.holds(&link, &code, &mac));
        assert!(!key.holds(&other, &code, &mac));
        assert!(!key.holds(&link, &LinkCode::from_random([8; 8]), &mac));
        assert!(!LinkKey::new(&[2; 32]).holds(&link, &code, &mac));
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in ["00000042", "0000 0042", "0000-0042", " 0000 0042 "] {
            assert_eq!(
                LinkCode::parse(text).unwrap().expose(),
                "00000042",
                "{text}"
            );
        }
        for text in [
            "",
            "0000004",
            "000000042",
            "0000004a",
            "０0000042",
            &"0".repeat(25),
        ] {
            assert_eq!(LinkCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_has_eight_digits_whatever_the_number() {
        for bytes in [[0; 8], [255; 8], 100_000_000_u64.to_le_bytes()] {
            assert_eq!(LinkCode::from_random(bytes).expose().len(), 8);
        }
    }
}
