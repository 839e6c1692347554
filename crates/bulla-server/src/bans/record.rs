//! The bans as they stand in the file.

use bulla_guard::abuse::{Ban, Cause, Offence, Rung};
use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    version: u32,
    bans: Vec<Record>,
}

/// Times are milliseconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    prefix: String,
    since: u64,
    until: Option<u64>,
    /// Of a ban of the ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rung: Option<String>,
    /// Of a ban of the ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offence: Option<String>,
    /// Of an administrator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Document {
    pub(super) fn of(bans: &[Ban]) -> Self {
        Self {
            version: VERSION,
            bans: bans.iter().map(Record::of).collect(),
        }
    }

    /// The bans, if all of them are some.
    pub(super) fn bans(self) -> Result<Vec<Ban>, String> {
        if self.version != VERSION {
            return Err(format!("version {} is not known", self.version));
        }
        self.bans.into_iter().map(Record::ban).collect()
    }
}

impl Record {
    fn of(ban: &Ban) -> Self {
        let (rung, offence, reason) = match &ban.cause {
            Cause::Automatic { rung, offence } => {
                (Some(rung.as_str()), Some(offence.as_str()), None)
            }
            Cause::Manual { reason } => (None, None, reason.as_deref()),
        };
        Self {
            prefix: ban.prefix.to_string(),
            since: ban.since,
            until: ban.until,
            rung: rung.map(str::to_owned),
            offence: offence.map(str::to_owned),
            reason: reason.map(str::to_owned),
        }
    }

    fn ban(self) -> Result<Ban, String> {
        let unknown = |what: &str, found: &str| format!("`{found}` is no {what}");
        let cause = match (&self.rung, &self.offence) {
            (Some(rung), Some(offence)) => Cause::Automatic {
                rung: Rung::parse(rung)
                    .filter(|rung| rung.ban().is_some())
                    .ok_or_else(|| unknown("rung", rung))?,
                offence: Offence::parse(offence).ok_or_else(|| unknown("offence", offence))?,
            },
            (None, None) => Cause::Manual {
                reason: self.reason.map(Into::into),
            },
            _ => return Err("a rung and an offence belong together".to_owned()),
        };
        let prefix = self.prefix.parse();
        Ok(Ban {
            prefix: prefix.map_err(|_| unknown("prefix", &self.prefix))?,
            since: self.since,
            until: self.until,
            cause,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bans_come_back_as_they_went() {
        let bans = [
            Ban {
                prefix: "2001:db8::/64".parse().unwrap(),
                since: 1,
                until: Some(2),
                cause: Cause::Automatic {
                    rung: Rung::HalfHour,
                    offence: Offence::FailedLogin,
                },
            },
            Ban {
                prefix: "198.51.100.0/24".parse().unwrap(),
                since: 1,
                until: None,
                cause: Cause::Manual {
                    reason: Some("spam".into()),
                },
            },
        ];
        let text = serde_json::to_string(&Document::of(&bans)).unwrap();
        let read: Document = serde_json::from_str(&text).unwrap();
        assert_eq!(read.bans().unwrap(), bans);
    }

    #[test]
    fn what_is_no_ban_is_told() {
        let read = |record: &str| {
            let text = format!(r#"{{"version":1,"bans":[{record}]}}"#);
            let document: Document =
                serde_json::from_str(&text).map_err(|error| error.to_string())?;
            document.bans()
        };
        assert!(read(r#"{"prefix":"192.0.2.1","since":1,"until":null}"#).is_ok());
        for bad in [
            r#"{"prefix":"192.0.2.1/99","since":1,"until":null}"#,
            r#"{"prefix":"192.0.2.1","since":1,"until":2,"rung":"1m"}"#,
            r#"{"prefix":"192.0.2.1","since":1,"until":2,"rung":"2m","offence":"forged_token"}"#,
            r#"{"prefix":"192.0.2.1","since":1,"until":2,"rung":"challenge","offence":"forged_token"}"#,
            r#"{"prefix":"192.0.2.1","since":1,"until":2,"more":1}"#,
            r#"{"prefix":"192.0.2.1","since":-1,"until":2}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let other: Document = serde_json::from_str(r#"{"version":2,"bans":[]}"#).unwrap();
        assert!(other.bans().is_err());
    }
}
