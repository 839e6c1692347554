//! The challenge: a text that says all that its issuer must know again, so that nothing is kept.
//!
//! It is the base64url of its fields and of HMAC-SHA-256 over them (32 bytes). Each field stands behind its length (2 bytes);
//! numbers are big-endian: version (1 byte), id (16), issue time and end (8 each, in milliseconds), zero bits (1), audience,
//! thumbprint of the client's key, address prefix.

use std::time::Duration;

use aws_lc_rs::hmac;
use bulla_jose::base64url;

use super::difficulty::Work;
use crate::time::Timestamp;

/// The key under which challenges are made: all issuers of one master key have the same.
#[derive(Clone)]
pub struct ChallengeKey(hmac::Key);

/// What a challenge says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// 16 random bytes: what the token's `jti` is made from.
    pub id: [u8; 16],
    /// When it was issued: the token's `iat`.
    pub issued_at: Timestamp,
    /// From then on it is refused.
    pub expires_at: Timestamp,
    /// What it asks for.
    pub work: Work,
}

/// Whom a challenge is for: it is good for nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient<'a> {
    /// The `aud` of the tokens that it is redeemed for.
    pub audience: &'a str,
    /// The thumbprint of the key that the client proves to have (RFC 7638), if it proves any.
    pub client_key: Option<&'a str>,
    /// The prefix that the client's address lies in, such as `203.0.113.7/32`.
    pub prefix: &'a str,
}

/// Why a challenge is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeRefused {
    /// It was not made with this key, or changed since.
    #[error("the challenge was not made here, or was changed")]
    Forged,
    /// Its end has come.
    #[error("the challenge has expired")]
    Expired,
    /// It was issued in what is the future by now: the clock was set back.
    #[error("the challenge comes from the future: the clock was set back")]
    FromTheFuture,
    /// It is for other tokens.
    #[error("the challenge is for another audience")]
    OtherAudience,
    /// It is for whoever has another key.
    #[error("the challenge is for another client's key")]
    OtherClientKey,
    /// It was handed out to another address.
    #[error("the challenge was handed out to another address")]
    OtherPrefix,
}

const VERSION: &[u8] = &[1];
const MAC_BYTES: usize = 32;

impl Challenge {
    /// How far the clocks of two issuers may be apart. One that was set back by more makes its challenges new ones.
    const CLOCKS_APART: Duration = Duration::from_secs(60);

    /// Whether it may be redeemed now.
    ///
    /// # Errors
    /// [`ChallengeRefused::Expired`], [`ChallengeRefused::FromTheFuture`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), ChallengeRefused> {
        if now >= self.expires_at {
            return Err(ChallengeRefused::Expired);
        }
        if now < self.issued_at.before(Self::CLOCKS_APART) {
            return Err(ChallengeRefused::FromTheFuture);
        }
        Ok(())
    }
}

impl ChallengeKey {
    /// The key made of these bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The challenge's text for its recipient: one MAC.
    #[must_use]
    pub fn seal(&self, challenge: &Challenge, recipient: Recipient<'_>) -> String {
        let mut message = Vec::with_capacity(128 + recipient.audience.len());
        for field in [
            VERSION,
            &challenge.id,
            &challenge.issued_at.as_millis().to_be_bytes(),
            &challenge.expires_at.as_millis().to_be_bytes(),
            &[challenge.work.bits()],
            recipient.audience.as_bytes(),
            recipient.client_key.unwrap_or_default().as_bytes(),
            recipient.prefix.as_bytes(),
        ] {
            put(&mut message, field);
        }
        let mac = hmac::sign(&self.0, &message);
        message.extend_from_slice(mac.as_ref());
        base64url::encode(&message)
    }

    /// What the challenge of this text says, if it was made with this key for this recipient. Whether it is in time is
    /// [another question](Challenge::check_time).
    ///
    /// # Errors
    /// [`ChallengeRefused`]; nothing is read before the MAC holds.
    pub fn open(
        &self,
        text: &str,
        recipient: Recipient<'_>,
    ) -> Result<Challenge, ChallengeRefused> {
        let bytes = base64url::decode(text.as_bytes()).map_err(|_| ChallengeRefused::Forged)?;
        let (message, mac) = bytes
            .split_last_chunk::<MAC_BYTES>()
            .ok_or(ChallengeRefused::Forged)?;
        hmac::verify(&self.0, message, mac).map_err(|_| ChallengeRefused::Forged)?;
        let sealed = Sealed::read(message).ok_or(ChallengeRefused::Forged)?;
        let client_key = recipient.client_key.unwrap_or_default();
        if sealed.audience != recipient.audience.as_bytes() {
            Err(ChallengeRefused::OtherAudience)
        } else if sealed.client_key != client_key.as_bytes() {
            Err(ChallengeRefused::OtherClientKey)
        } else if sealed.prefix != recipient.prefix.as_bytes() {
            Err(ChallengeRefused::OtherPrefix)
        } else {
            Ok(sealed.challenge)
        }
    }
}

/// A message as it was sealed.
struct Sealed<'a> {
    challenge: Challenge,
    audience: &'a [u8],
    client_key: &'a [u8],
    prefix: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn read(mut message: &'a [u8]) -> Option<Self> {
        let rest = &mut message;
        if take(rest)? != VERSION {
            return None;
        }
        let challenge = Challenge {
            id: take(rest)?.try_into().ok()?,
            issued_at: time(take(rest)?)?,
            expires_at: time(take(rest)?)?,
            work: match take(rest)? {
                [bits] => Work::from_bits(*bits)?,
                _ => return None,
            },
        };
        let sealed = Self {
            challenge,
            audience: take(rest)?,
            client_key: take(rest)?,
            prefix: take(rest)?,
        };
        rest.is_empty().then_some(sealed)
    }
}

/// Puts a field behind its length, so that no two lists of fields make one message. What is too long for its length is cut:
/// it is compared with what was not, and refused.
fn put(message: &mut Vec<u8>, field: &[u8]) {
    let length = u16::try_from(field.len()).unwrap_or(u16::MAX);
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(&field[..usize::from(length)]);
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk()?;
    let (field, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
    *rest = after;
    Some(field)
}

fn time(field: &[u8]) -> Option<Timestamp> {
    let bytes = field.try_into().ok()?;
    Some(Timestamp::from_millis(i64::from_be_bytes(bytes)))
}

impl std::fmt::Debug for ChallengeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChallengeKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::anonymous::difficulty::Difficulty;

    const CHALLENGE: Challenge = Challenge {
        id: [7; 16],
        issued_at: Timestamp::from_millis(1_000_000),
        expires_at: Timestamp::from_millis(1_060_000),
        work: Work::Puzzles(Difficulty::USUAL),
    };
    const RECIPIENT: Recipient<'_> = Recipient {
        audience: "api",
        client_key: None,
        prefix: "203.0.113.7/32",
    };

    fn key(byte: u8) -> ChallengeKey {
        ChallengeKey::new(&[byte; 32])
    }

    #[test]
    fn what_was_sealed_is_opened_by_the_same_key_for_the_same_recipient_only() {
        let text = key(1).seal(&CHALLENGE, RECIPIENT);
        assert_eq!(key(1).open(&text, RECIPIENT), Ok(CHALLENGE));
        let refused = |recipient| key(1).open(&text, recipient).unwrap_err();
        let other = Recipient {
            audience: "other",
            ..RECIPIENT
        };
        assert_eq!(refused(other), ChallengeRefused::OtherAudience);
        let other = Recipient {
            client_key: Some("thumbprint"),
            ..RECIPIENT
        };
        assert_eq!(refused(other), ChallengeRefused::OtherClientKey);
        let other = Recipient {
            prefix: "203.0.113.8/32",
            ..RECIPIENT
        };
        assert_eq!(refused(other), ChallengeRefused::OtherPrefix);
        let by_another_key = key(2).open(&text, RECIPIENT);
        assert_eq!(by_another_key, Err(ChallengeRefused::Forged));
    }

    #[test]
    fn every_changed_character_and_every_cut_is_refused() {
        let text = key(1).seal(&CHALLENGE, RECIPIENT);
        for index in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[index] = if changed[index] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).unwrap();
            let opened = key(1).open(&changed, RECIPIENT);
            assert_eq!(opened, Err(ChallengeRefused::Forged), "character {index}");
            let cut = key(1).open(&text[..index], RECIPIENT);
            assert_eq!(cut, Err(ChallengeRefused::Forged), "cut at {index}");
        }
        for longer in [format!("{text}A"), format!("{text}="), format!(" {text}")] {
            assert_eq!(
                key(1).open(&longer, RECIPIENT),
                Err(ChallengeRefused::Forged)
            );
        }
    }

    #[test]
    fn it_is_good_from_its_issue_to_its_end_give_or_take_two_clocks() {
        let check = |seconds: i64| CHALLENGE.check_time(Timestamp::from_millis(seconds * 1000));
        for good in [940, 1000, 1059] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check(1060), Err(ChallengeRefused::Expired));
        assert_eq!(check(939), Err(ChallengeRefused::FromTheFuture));
    }

    proptest! {
        #[test]
        fn fields_never_run_into_each_other(audience in ".{0,20}", prefix in ".{0,20}", moved in 0_usize..20) {
            let one = Recipient { audience: &audience, client_key: None, prefix: &prefix };
            let both = format!("{audience}{prefix}");
            let at = (0..=moved.min(both.len())).rev().find(|at| both.is_char_boundary(*at)).unwrap_or(0);
            let other = Recipient { audience: &both[..at], client_key: None, prefix: &both[at..] };
            let text = key(1).seal(&CHALLENGE, one);
            prop_assert_eq!(key(1).open(&text, one), Ok(CHALLENGE));
            prop_assert_eq!(key(1).open(&text, other).is_ok(), one == other);
        }

        #[test]
        fn whatever_is_presented_is_opened_or_refused(text in "\\PC{0,200}") {
            prop_assert_eq!(key(1).open(&text, RECIPIENT), Err(ChallengeRefused::Forged));
        }
    }
}
