//! Firebase Authentication: what `firebase auth:export` writes, as JSON or CSV.

use std::path::Path;

use anyhow::{Context, bail};
use base64_simd::STANDARD_NO_PAD;
use bulla_core::account::PasswordHash;
use serde_json::Value;

use super::{
    Converted, Dialect, Format, Skip, foreign::Foreign, hash, malformed_hash, members::*,
    wishes::Wishes,
};
use crate::small_file;

/// The users of a Firebase project.
pub(crate) struct Firebase {
    pub(crate) wishes: Wishes,
    /// How the project hashes; `None`: that was not said.
    pub(crate) hashes: Option<FirebaseHashes>,
}

/// What all hashes of a project have in common: its password hash parameters.
pub(crate) struct FirebaseHashes {
    signer_key: Vec<u8>,
    salt_separator: Vec<u8>,
    rounds: u32,
    mem_cost: u32,
}

/// In the order in which `firebase auth:export` writes them. Those of other providers are not needed.
const COLUMNS: &[&str] = &[
    "localId",
    "email",
    "emailVerified",
    "passwordHash",
    "salt",
    "displayName",
    "photoUrl",
    "google.rawId",
    "google.email",
    "google.displayName",
    "google.photoUrl",
    "facebook.rawId",
    "facebook.email",
    "facebook.displayName",
    "facebook.photoUrl",
    "twitter.rawId",
    "twitter.email",
    "twitter.displayName",
    "twitter.photoUrl",
    "github.rawId",
    "github.email",
    "github.displayName",
    "github.photoUrl",
    "createdAt",
    "lastSignedInAt",
    "phoneNumber",
    "disabled",
    "customAttributes",
];

impl Format for Firebase {
    fn dialect(&self) -> Dialect {
        Dialect {
            columns: Some(COLUMNS),
            guarded: false,
        }
    }

    fn convert(&self, record: Value) -> Result<Converted, Skip> {
        let claims: Value = match text(&record, "customAttributes") {
            Some(json) => serde_json::from_str(json)
                .map_err(|_| Skip::new("record_malformed", "`customAttributes` is no JSON"))?,
            None => Value::Null,
        };
        let mut roles = texts(&claims["roles"]);
        roles.extend(owned(&claims, "role"));
        let foreign = Foreign {
            system: "firebase",
            id: owned(&record, "localId"),
            email: owned(&record, "email"),
            email_verified: flag(&record, "emailVerified")?.unwrap_or(false),
            username: None,
            name: owned(&record, "displayName"),
            password: text(&record, "passwordHash").map(|output| self.password(&record, output)),
            roles,
            disabled: flag(&record, "disabled")?.unwrap_or(false),
            created_at: from_milliseconds(number(&record, "createdAt")),
            metadata: claims,
            record,
        };
        foreign.into_user(&self.wishes)
    }
}

impl Firebase {
    fn password(&self, record: &Value, output: &str) -> Result<PasswordHash, Skip> {
        let hashes = self.hashes.as_ref().ok_or_else(|| {
            let detail = "--hash-config is needed: the project's password hash parameters";
            Skip::new("hash_config_missing", detail)
        })?;
        let salt = base64(record["salt"].as_str().unwrap_or_default());
        let output = base64(output);
        let (Some(salt), Some(output)) = (salt, output) else {
            return Err(malformed_hash());
        };
        hash(&hashes.text(&salt, &output))
    }
}

impl FirebaseHashes {
    /// Reads the parameters as the Firebase console shows them, from a file: the signer key is a secret.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = small_file::read(path)?;
        let parsed = str::from_utf8(&text).context("it is not text");
        let parsed = parsed.and_then(Self::parse);
        parsed.with_context(|| format!("{} is no hash_config", path.display()))
    }

    /// Whatever is around the names and values is not looked at: they are copied from a page, or are the JSON that the
    /// API answers, in which some are called otherwise.
    fn parse(text: &str) -> anyhow::Result<Self> {
        let bare = |text: &str| text.trim().trim_matches('"').to_owned();
        let pairs = text
            .split(['\n', ',', '{', '}'])
            .filter_map(|pair| pair.split_once(':'));
        let pairs: Vec<_> = pairs
            .map(|(name, value)| (bare(name), bare(value)))
            .collect();
        let value = |[name, or]: [&str; 2]| {
            let found = pairs.iter().find(|(other, _)| other == name || other == or);
            found
                .map(|(_, value)| value.as_str())
                .with_context(|| format!("{name} is missing"))
        };
        if value(["algorithm"; 2]).is_ok_and(|algorithm| algorithm != "SCRYPT") {
            bail!("only the algorithm SCRYPT is in an export");
        }
        let bytes = |names: [&str; 2]| {
            let decoded = base64(value(names)?);
            decoded.with_context(|| format!("{} is no base64", names[0]))
        };
        let number = |names: [&str; 2]| {
            value(names)?
                .parse()
                .with_context(|| format!("{} is no number", names[0]))
        };
        let hashes = Self {
            signer_key: bytes(["base64_signer_key", "signerKey"])?,
            salt_separator: bytes(["base64_salt_separator", "saltSeparator"])?,
            rounds: number(["rounds"; 2])?,
            mem_cost: number(["mem_cost", "memoryCost"])?,
        };
        // Before the first user: what is wrong with these is wrong with all.
        let any = hashes.text(b"", &vec![0; hashes.signer_key.len()]);
        PasswordHash::parse(&any)?;
        Ok(hashes)
    }

    fn text(&self, salt: &[u8], output: &[u8]) -> String {
        let base64 = |bytes: &[u8]| STANDARD_NO_PAD.encode_to_string(bytes);
        format!(
            "$firebase-scrypt$ln={},r={},separator={},signer={}${}${}",
            self.mem_cost,
            self.rounds,
            base64(&self.salt_separator),
            base64(&self.signer_key),
            base64(salt),
            base64(output),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As Firebase has published them.
    const CONFIG: &str = "hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}";

    fn firebase() -> Firebase {
        Firebase {
            wishes: Wishes {
                roles: vec!["editor".parse().unwrap()],
                claims: vec!["team_id".parse().unwrap()],
                ..Wishes::default()
            },
            hashes: Some(FirebaseHashes::parse(CONFIG).unwrap()),
        }
    }

    #[test]
    fn the_parameters_are_read_as_the_console_shows_them_and_as_json() {
        let json = json!({
            "base64_signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
            "base64_salt_separator": "Bw==", "rounds": 8, "mem_cost": 14,
        });
        let of_the_api = json!({
            "signIn": {"hashConfig": {
                "algorithm": "SCRYPT", "saltSeparator": "Bw==", "rounds": 8, "memoryCost": 14,
                "signerKey": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
            }},
        });
        for text in [
            of_the_api.to_string(),
            serde_json::to_string_pretty(&of_the_api).unwrap(),
            CONFIG.to_owned(),
            json.to_string(),
            serde_json::to_string_pretty(&json).unwrap(),
        ] {
            let hashes = FirebaseHashes::parse(&text).unwrap();
            assert_eq!(
                (hashes.signer_key.len(), hashes.salt_separator.as_slice()),
                (64, &[7][..])
            );
            assert_eq!((hashes.rounds, hashes.mem_cost), (8, 14));
        }
        for (text, said) in [
            (
                CONFIG.replace("SCRYPT", "BCRYPT"),
                "only the algorithm SCRYPT is in an export",
            ),
            (CONFIG.replace("rounds", "turns"), "rounds is missing"),
            (CONFIG.replace("8,", "x,"), "rounds is no number"),
            (
                CONFIG.replace("Bw==", "?"),
                "base64_salt_separator is no base64",
            ),
            (
                CONFIG.replace("14", "40"),
                "checking a password against the hash would cost too much time or memory",
            ),
        ] {
            let error = FirebaseHashes::parse(&text).err().unwrap();
            assert_eq!(error.to_string(), said);
        }
    }

    #[test]
    fn a_user_has_the_claims_and_roles_that_are_wished_for() {
        let record = json!({
            "localId": "kYi4EvWQlQTKSfnJ3dRSP6IH3ed2", "email": "user1@test.com", "emailVerified": false,
            "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
            "salt": "42xEC+ixf3L2lw==", "displayName": "Test User 1", "createdAt": "1508893925000", "disabled": true,
            "customAttributes": "{\"roles\":[\"admin\",\"editor\"],\"team_id\":7}",
        });
        let user = serde_json::to_value(firebase().convert(record).unwrap().user).unwrap();
        let hash = user["password_hash"].as_str().unwrap().to_owned();
        assert!(
            hash.starts_with("$firebase-scrypt$ln=14,r=8,separator=Bw,signer=jxspr8"),
            "{hash}"
        );
        let expected = json!({
            "source": "firebase:kYi4EvWQlQTKSfnJ3dRSP6IH3ed2", "email": "user1@test.com", "name": "Test User 1",
            "password_hash": hash, "roles": ["editor"], "claims": {"team_id": 7}, "disabled": true,
            "created_at": "2017-10-25T01:12:05Z",
        });
        assert_eq!(user, expected);
    }

    #[test]
    fn without_the_parameters_nobody_with_a_password_is_taken() {
        let without = Firebase {
            hashes: None,
            ..firebase()
        };
        let skip = without
            .convert(json!({"email": "a@b.example", "passwordHash": "AAAA", "salt": "AAAA"}));
        assert_eq!(skip.err().unwrap().reason, "hash_config_missing");
        assert!(without.convert(json!({"email": "a@b.example"})).is_ok());
        let damaged = firebase()
            .convert(json!({"email": "a@b.example", "passwordHash": "AAAA", "salt": "AAAA"}));
        assert_eq!(damaged.err().unwrap().reason, "password_hash_malformed");
        let damaged = firebase().convert(json!({"email": "a@b.example", "customAttributes": "{"}));
        assert_eq!(damaged.err().unwrap().reason, "record_malformed");
    }
}
