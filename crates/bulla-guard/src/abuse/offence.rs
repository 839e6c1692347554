//! What counts against an address.

use crate::problem::Code;

/// What counts against the address that it comes from. Never an expired, revoked, early or missing token: an idle tab is
/// no attacker.
///
/// As an extension of a response, it is how a service in the gateway's process says what the request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Offence {
    /// A token that nobody trusted made: no token at all, a wrong signature, an unknown key, an algorithm or an extension
    /// that is not in use; or a refresh token that never was one.
    ForgedToken,
    /// A request that cannot be read, or in more than one way.
    MalformedRequest,
    /// A name with a password that is not its own.
    FailedLogin,
    /// A challenge or its solution that does not hold.
    BadSolution,
    /// A request above a limit.
    OverLimit,
}

impl Offence {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ForgedToken,
        Self::MalformedRequest,
        Self::FailedLogin,
        Self::BadSolution,
        Self::OverLimit,
    ];

    /// What a request was that was refused with this code; `None`: nothing bad.
    ///
    /// A token with a good signature is no forgery, whatever is wrong with it: somebody holds it for another service.
    #[must_use]
    pub const fn of(code: Code) -> Option<Self> {
        match code {
            Code::TokenMalformed
            | Code::TokenSignatureInvalid
            | Code::TokenKeyUnknown
            | Code::TokenAlgorithmRefused
            | Code::TokenCriticalUnsupported
            | Code::RefreshInvalid => Some(Self::ForgedToken),
            Code::RequestMalformed => Some(Self::MalformedRequest),
            Code::CredentialsInvalid => Some(Self::FailedLogin),
            Code::ChallengeInvalid => Some(Self::BadSolution),
            Code::RateLimited => Some(Self::OverLimit),
            _ => None,
        }
    }

    /// How much it counts. A forged token and a malformed request count alike.
    pub(super) const fn weight(self) -> u32 {
        match self {
            Self::ForgedToken | Self::MalformedRequest | Self::OverLimit => 1,
            // Each has cost the server a thousand times more than a signature.
            Self::FailedLogin | Self::BadSolution => 3,
        }
    }

    /// As in metrics, logs and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ForgedToken => "forged_token",
            Self::MalformedRequest => "malformed_request",
            Self::FailedLogin => "failed_login",
            Self::BadSolution => "bad_solution",
            Self::OverLimit => "over_limit",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|offence| offence.as_str() == name)
    }

    /// As a sentence names it.
    pub(super) const fn described(self) -> &'static str {
        match self {
            Self::ForgedToken => "a token that was forged",
            Self::MalformedRequest => "a malformed request",
            Self::FailedLogin => "a failed login",
            Self::BadSolution => "a bad solution of a challenge",
            Self::OverLimit => "a request over a limit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_honest_clients_is_none() {
        for code in [
            Code::TokenMissing,
            Code::TokenExpired,
            Code::TokenRevoked,
            Code::TokenNotYetValid,
            Code::TokenAudienceMismatch,
            Code::TokenIssuerMismatch,
            Code::SessionExpired,
            Code::RefreshReused,
            Code::ScopeInsufficient,
            Code::NotFound,
            Code::FieldInvalid,
            Code::Overloaded,
        ] {
            assert_eq!(Offence::of(code), None, "{code}");
        }
        assert_eq!(
            Offence::of(Code::TokenSignatureInvalid),
            Some(Offence::ForgedToken)
        );
    }

    #[test]
    fn each_has_a_name_of_its_own() {
        for offence in Offence::ALL {
            assert_eq!(Offence::parse(offence.as_str()), Some(offence));
        }
        assert_eq!(Offence::parse("nothing"), None);
    }
}
