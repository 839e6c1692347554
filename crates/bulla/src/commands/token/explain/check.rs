//! The checks, in the order in which [`judge`] makes them.

use std::time::Duration;

use bulla_jose::{
    jwk::JwkSet,
    jws::{Malformed, Part},
    jwt::{Audience, Issuer, TokenError, UnixTime, UnverifiedJwt, VerificationPolicy},
};
use serde_json::{Map, Value, json};

use super::advice;
use crate::commands::{
    acceptance::Acceptance,
    token::{
        judge::{Refused, judge},
        time,
    },
};

/// One of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Check {
    Form,
    Algorithm,
    Extensions,
    Key,
    Signature,
    Type,
    Claims,
    Issuer,
    Audience,
    NotBefore,
    Expiry,
    Principal,
}

/// A check and how it came out.
pub(super) struct Checked {
    pub(super) check: Check,
    pub(super) outcome: Outcome,
}

/// How a check came out.
pub(super) enum Outcome {
    /// With what was found.
    Passed(String),
    Failed {
        error: Refused,
        advice: String,
    },
    /// What it would look at cannot be believed.
    NotReached,
}

impl Check {
    pub(super) const ALL: [Self; 12] = [
        Self::Form,
        Self::Algorithm,
        Self::Extensions,
        Self::Key,
        Self::Signature,
        Self::Type,
        Self::Claims,
        Self::Issuer,
        Self::Audience,
        Self::NotBefore,
        Self::Expiry,
        Self::Principal,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Algorithm => "algorithm",
            Self::Extensions => "extensions",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::NotBefore => "not before",
            Self::Expiry => "expiry",
            Self::Principal => "principal",
        }
    }

    fn that_found(refused: &Refused) -> Self {
        let error = match refused {
            Refused::Token(error) => error,
            Refused::Principal(_) => return Self::Principal,
        };
        match error {
            TokenError::Malformed(Malformed::Json {
                part: Part::Payload,
                ..
            }) => Self::Claims,
            TokenError::AlgorithmRefused { .. } => Self::Algorithm,
            TokenError::CriticalUnsupported { .. } => Self::Extensions,
            TokenError::KeyUnknown { .. } => Self::Key,
            TokenError::SignatureInvalid { .. } => Self::Signature,
            TokenError::TypeMismatch { .. } | TokenError::ClaimInvalid { claim: "typ", .. } => {
                Self::Type
            }
            TokenError::ClaimInvalid { .. } => Self::Claims,
            TokenError::IssuerMismatch { .. } => Self::Issuer,
            TokenError::AudienceMismatch { .. } => Self::Audience,
            TokenError::NotYetValid { .. } => Self::NotBefore,
            TokenError::Expired { .. } => Self::Expiry,
            _ => Self::Form,
        }
    }
}

impl Checked {
    pub(super) const fn error(&self) -> Option<&Refused> {
        match &self.outcome {
            Outcome::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let check = self.check.title();
        match &self.outcome {
            Outcome::Passed(found) => json!({ "check": check, "result": "passed", "found": found }),
            Outcome::NotReached => json!({ "check": check, "result": "not_reached" }),
            Outcome::Failed { error, advice } => json!({
                "check": check, "result": "failed", "code": error.code(),
                "detail": error.to_string(), "advice": advice,
            }),
        }
    }
}

/// Every check. Verifies again and again, each time forgiving what failed before, until nothing is left or something
/// cannot be forgiven.
pub(super) fn all(token: &str, keys: &JwkSet, acceptance: &Acceptance, now: u64) -> Vec<Checked> {
    let says = Says::of(token);
    let mut wanted = Wanted::of(acceptance, now);
    let mut failed: Vec<Refused> = Vec::new();
    let mut end = None;
    while let Err(mut error) = wanted.judge(token, keys) {
        if !holds_at(&mut error, now, acceptance.leeway) {
            end = Some(Check::Expiry);
            break;
        }
        let forgiven = match &error {
            Refused::Token(error) => wanted.forgive(error, &says),
            Refused::Principal(_) => false,
        };
        let check = Check::that_found(&error);
        let known = failed.iter().any(|known| Check::that_found(known) == check);
        if !known {
            failed.push(error);
        }
        if !forgiven || known {
            end = Some(check);
            break;
        }
    }
    Check::ALL
        .into_iter()
        .map(|check| {
            let at = failed
                .iter()
                .position(|error| Check::that_found(error) == check);
            let outcome = match at.map(|at| failed.swap_remove(at)) {
                Some(error) => Outcome::Failed {
                    advice: advice::on(&error, keys, now),
                    error,
                },
                None if end.is_some_and(|end| check > end) => Outcome::NotReached,
                None => Outcome::Passed(says.about(check, now)),
            };
            Checked { check, outcome }
        })
        .collect()
}

/// Whether what was found out at a time that was wanted, because another time was forgiven, is so now as well. Then it
/// speaks of now. If it is not, the token has no time at all at which it would be good.
fn holds_at(refused: &mut Refused, now: u64, leeway: Duration) -> bool {
    let now = UnixTime::from_seconds(now);
    match refused {
        Refused::Token(TokenError::NotYetValid {
            not_before,
            now: found,
        }) => {
            *found = now;
            now.saturating_add(leeway) < *not_before
        }
        Refused::Token(TokenError::Expired {
            expired_at,
            now: found,
        }) => {
            *found = now;
            now >= expired_at.saturating_add(leeway)
        }
        _ => true,
    }
}

/// What the token is judged by.
struct Wanted<'a> {
    acceptance: &'a Acceptance,
    issuer: Issuer,
    audience: Audience,
    types: Vec<String>,
    now: u64,
}

impl<'a> Wanted<'a> {
    fn of(acceptance: &'a Acceptance, now: u64) -> Self {
        Self {
            issuer: acceptance.issuer.clone(),
            audience: acceptance.audience.clone(),
            types: acceptance.typ.clone(),
            acceptance,
            now,
        }
    }

    fn judge(&self, token: &str, keys: &JwkSet) -> Result<(), Refused> {
        let types: Vec<&str> = self.types.iter().map(String::as_str).collect();
        let algorithms = self.acceptance.algorithms();
        let (issuer, audience) = (self.issuer.clone(), self.audience.clone());
        let policy = VerificationPolicy::new(issuer, audience, &types, algorithms)
            .with_leeway(self.acceptance.leeway);
        let now = UnixTime::from_seconds(self.now);
        judge(token, keys, &policy, now).map(|_| ())
    }

    /// Wants what the token says; false if nothing can be wanted that would help.
    fn forgive(&mut self, error: &TokenError, says: &Says) -> bool {
        match error {
            TokenError::TypeMismatch { .. } => self.types.extend(says.typ.clone()),
            TokenError::IssuerMismatch { .. } => match Issuer::new(says.text("iss")) {
                Ok(issuer) => self.issuer = issuer,
                Err(_) => return false,
            },
            TokenError::AudienceMismatch { .. } => {
                let mut audiences = says.audiences().into_iter();
                match audiences.find_map(|audience| Audience::new(audience).ok()) {
                    Some(audience) => self.audience = audience,
                    None => return false,
                }
            }
            TokenError::NotYetValid { not_before, .. } => self.now = not_before.as_seconds(),
            TokenError::Expired { expired_at, .. } => {
                self.now = expired_at.as_seconds().saturating_sub(1);
            }
            _ => return false,
        }
        true
    }
}

/// What the token says, for people. Shown only where a check has passed.
#[derive(Default)]
struct Says {
    algorithm: String,
    key_id: Option<String>,
    typ: Option<String>,
    claims: Map<String, Value>,
}

impl Says {
    fn of(token: &str) -> Self {
        let Ok(jwt) = UnverifiedJwt::decode(token) else {
            return Self::default();
        };
        Self {
            algorithm: jwt.header().algorithm().to_owned(),
            key_id: jwt.header().key_id().map(str::to_owned),
            typ: jwt.header().typ().map(str::to_owned),
            claims: jwt
                .dangerous_claims_without_verification()
                .unwrap_or_default(),
        }
    }

    fn text(&self, claim: &str) -> String {
        let text = self.claims.get(claim).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    }

    fn audiences(&self) -> Vec<String> {
        match self.claims.get("aud") {
            Some(Value::Array(audiences)) => audiences
                .iter()
                .filter_map(|audience| audience.as_str().map(str::to_owned))
                .collect(),
            _ => vec![self.text("aud")],
        }
    }

    fn about(&self, check: Check, now: u64) -> String {
        let time = |claim| {
            let seconds = self.claims.get(claim).and_then(Value::as_f64)?;
            time::in_words(seconds.ceil() as u64, now)
        };
        let found = match check {
            Check::Form => "header.payload.signature".to_owned(),
            Check::Algorithm => self.algorithm.clone(),
            Check::Extensions => "none demanded".to_owned(),
            Check::Key => self.key_id.clone().unwrap_or_else(|| "unnamed".to_owned()),
            Check::Signature => "fits content and key".to_owned(),
            Check::Type => self.typ.clone().unwrap_or_default(),
            Check::Claims => format!("{} of them", self.claims.len()),
            Check::Issuer => self.text("iss"),
            Check::Audience => self.audiences().join(", "),
            Check::NotBefore => time("nbf").unwrap_or_else(|| "not stated".to_owned()),
            Check::Expiry => time("exp").unwrap_or_default(),
            Check::Principal => self.text("sub"),
        };
        found.escape_debug().to_string()
    }
}
