//! Auth0: the NDJSON, or CSV, of an export job; the NDJSON with password hashes that its support hands out; and the JSON
//! of its bulk import.

use base64_simd::STANDARD_NO_PAD;
use serde_json::Value;

use super::{
    Converted, Dialect, Format, Skip, foreign::Foreign, hash, malformed_hash, members::*,
    unknown_hash, wishes::Wishes,
};
use bulla_core::account::PasswordHash;

/// Auth0's users.
pub(crate) struct Auth0(pub(crate) Wishes);

/// What the extension for exports calls its columns, in JSON too.
const LABELS: [(&str, &str); 9] = [
    ("Id", "user_id"),
    ("Given Name", "given_name"),
    ("Family Name", "family_name"),
    ("Name", "name"),
    ("Username", "username"),
    ("Email", "email"),
    ("Email Verified", "email_verified"),
    ("Blocked", "blocked"),
    ("Created At", "created_at"),
];

impl Format for Auth0 {
    fn dialect(&self) -> Dialect {
        Dialect {
            columns: None,
            guarded: true,
        }
    }

    fn convert(&self, mut record: Value) -> Result<Converted, Skip> {
        if let Value::Object(members) = &mut record {
            for (label, name) in LABELS {
                if let Some(value) = members.remove(label) {
                    members.entry(name).or_insert(value);
                }
            }
        }
        let identifier = |kind: &str| {
            let identifiers = record["identifiers"].as_array().into_iter().flatten();
            identifiers
                .into_iter()
                .find(|identifier| identifier["type"] == kind)
        };
        let by_email = identifier("email");
        let email = owned(&record, "email");
        let verified = match flag(&record, "email_verified")? {
            None => by_email.and_then(|found| found["verified"].as_bool()),
            verified => verified,
        };
        let metadata = record["app_metadata"].clone();
        let foreign = Foreign {
            system: "auth0",
            id: id(&record),
            email: email.or_else(|| by_email.and_then(|found| owned(found, "value"))),
            email_verified: verified.unwrap_or(false),
            username: owned(&record, "username"),
            name: name(&record),
            password: password(&record),
            roles: at(&record, "app_metadata.roles")
                .map(texts)
                .unwrap_or_default(),
            disabled: flag(&record, "blocked")?.unwrap_or(false),
            created_at: owned(&record, "created_at"),
            metadata,
            record,
        };
        foreign.into_user(&self.0)
    }
}

/// As in claim `sub`: `auth0|…` for users of its own databases.
fn id(record: &Value) -> Option<String> {
    let id = text(record, "user_id")
        .or_else(|| text(record, "alt_id"))
        .or_else(|| text(&record["_id"], "$oid"))?;
    Some(match id.contains('|') {
        true => id.to_owned(),
        false => format!("auth0|{id}"),
    })
}

/// The name, which is the address where nobody has said one.
fn name(record: &Value) -> Option<String> {
    let address = text(record, "email");
    let whole = text(record, "name").filter(|name| Some(*name) != address);
    let parts = ["given_name", "family_name"].map(|part| text(record, part));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    whole
        .map(str::to_owned)
        .or((!parts.is_empty()).then(|| parts.join(" ")))
}

fn password(record: &Value) -> Option<Result<PasswordHash, Skip>> {
    let plain = text(record, "passwordHash").or_else(|| text(record, "password_hash"));
    if let Some(text) = plain {
        return Some(hash(text));
    }
    let custom = &record["custom_password_hash"];
    custom.is_object().then(|| custom_hash(custom))
}

fn custom_hash(custom: &Value) -> Result<PasswordHash, Skip> {
    let encoding = text(&custom["password"], "encoding").unwrap_or("utf8");
    if encoding != "utf8" {
        return Err(unknown_hash());
    }
    let value = text(&custom["hash"], "value").ok_or_else(malformed_hash)?;
    match custom["algorithm"].as_str() {
        // These are written whole.
        Some("bcrypt" | "argon2" | "pbkdf2") => hash(value),
        Some("scrypt") => scrypt(custom).ok_or_else(malformed_hash)?,
        _ => Err(unknown_hash()),
    }
}

/// With the defaults that Auth0 documents.
fn scrypt(custom: &Value) -> Option<Result<PasswordHash, Skip>> {
    let cost = number(custom, "cost").unwrap_or(16_384);
    if !cost.is_power_of_two() {
        return None;
    }
    let (r, p) = (
        number(custom, "blockSize").unwrap_or(8),
        number(custom, "parallelization").unwrap_or(1),
    );
    let output = bytes(&custom["hash"])?;
    let length = number(custom, "keylen");
    if length.is_some_and(|length| length != output.len() as u64) {
        return None;
    }
    let (salt, output) = (
        STANDARD_NO_PAD.encode_to_string(bytes(&custom["salt"])?),
        STANDARD_NO_PAD.encode_to_string(output),
    );
    let ln = cost.trailing_zeros();
    Some(hash(&format!(
        "$scrypt$ln={ln},r={r},p={p}${salt}${output}"
    )))
}

/// A value in its encoding.
fn bytes(encoded: &Value) -> Option<Vec<u8>> {
    let value = encoded["value"].as_str()?;
    match text(encoded, "encoding").unwrap_or("utf8") {
        "base64" => base64(value),
        "hex" => from_hex(value),
        "utf8" => Some(value.as_bytes().to_vec()),
        _ => None,
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
        }
        _ => None,
    };
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn converted(record: Value, wishes: Wishes) -> Result<Value, Skip> {
        let converted = Auth0(wishes).convert(record)?;
        Ok(serde_json::to_value(converted.user).unwrap())
    }

    #[test]
    fn an_exported_user_and_one_with_the_hash_are_one() {
        let exported = json!({
            "user_id": "auth0|5dea9f9c82dd7c0e76e4ec93", "email": "ada@example.com", "email_verified": true,
            "name": "ada@example.com", "given_name": "Ada", "family_name": "Lovelace", "nickname": "ada",
            "created_at": "2019-12-06T18:36:12.412Z", "identities": [], "picture": "https://example.com/a.png",
        });
        let with_hash = json!({
            "_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"}, "email_verified": false, "tenant": "t",
            "identifiers": [{"type": "email", "value": "ada@example.com", "verified": true}],
            "passwordHash": "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        });
        let exported = converted(exported, Wishes::default()).unwrap();
        let with_hash = converted(with_hash, Wishes::default()).unwrap();
        let source = json!("auth0:auth0|5dea9f9c82dd7c0e76e4ec93");
        assert_eq!(
            (&exported["source"], &with_hash["source"]),
            (&source, &source)
        );
        assert_eq!(exported["email"], with_hash["email"]);
        assert_eq!(exported["name"], "Ada Lovelace");
        assert!(exported.get("password_hash").is_none() && with_hash["password_hash"].is_string());
    }

    #[test]
    fn identities_roles_plan_and_claims_are_taken_where_they_are_wished_for() {
        let record = json!({
            "user_id": "17", "email": "ada@example.com",
            "app_metadata": {"roles": ["admin", "editor", "support"], "plan": "pro", "team": {"id": 7}},
            "user_metadata": {"colour": "blue"},
        });
        let plain = converted(record.clone(), Wishes::default()).unwrap();
        assert_eq!(
            plain,
            json!({"source": "auth0:auth0|17", "email": "ada@example.com", "disabled": false})
        );
        let wishes = Wishes {
            keep_ids: true,
            roles: ["editor", "support=helper", "owner"]
                .map(|text| text.parse().unwrap())
                .into(),
            claims: ["team_id=team.id", "colour=user_metadata.colour", "none"]
                .map(|text| text.parse().unwrap())
                .into(),
            plan: Some("plan".to_owned()),
            ..Wishes::default()
        };
        let wished = converted(record, wishes).unwrap();
        assert_eq!(wished["id"], "auth0|17");
        assert_eq!(wished["roles"], json!(["editor", "helper"]));
        assert_eq!(wished["claims"], json!({"team_id": 7, "colour": "blue"}));
        assert_eq!(wished["plan"], "pro");
    }

    #[test]
    fn only_who_has_proven_the_address_comes_where_that_is_wished_for() {
        let verified_only = || Wishes {
            verified_only: true,
            ..Wishes::default()
        };
        let with = |verified: Value| json!({"email": "a@example.com", "email_verified": verified});
        assert!(converted(with(json!(true)), verified_only()).is_ok());
        assert!(converted(with(json!("true")), verified_only()).is_ok());
        for unverified in [json!(false), json!(null)] {
            let skip = converted(with(unverified.clone()), verified_only()).unwrap_err();
            assert_eq!(skip.reason, "email_unverified");
            assert!(converted(with(unverified), Wishes::default()).is_ok());
        }
        let by_name = json!({"username": "ada"});
        assert!(converted(by_name, verified_only()).is_ok());
    }

    #[test]
    fn who_is_kept_out_stays_out_however_it_is_written() {
        let with = |blocked: Value| json!({"email": "a@example.com", "blocked": blocked});
        for (blocked, disabled) in [
            (json!(true), true),
            (json!("TRUE"), true),
            (json!("True"), true),
            (json!("false"), false),
            (json!(""), false),
            (json!(null), false),
        ] {
            let user = converted(with(blocked.clone()), Wishes::default()).unwrap();
            assert_eq!(user["disabled"], disabled, "{blocked}");
        }
        for unclear in [json!(1), json!("yes"), json!("1"), json!({})] {
            let skip = converted(with(unclear), Wishes::default()).unwrap_err();
            assert_eq!(skip.reason, "record_malformed");
            assert_eq!(skip.detail, "`blocked` is neither true nor false");
        }
    }

    /// scrypt of `correct horse`, by Python's hashlib.
    #[test]
    fn custom_hashes_are_read_in_their_encodings() {
        let expected = "$scrypt$ln=4,r=8,p=2$TmFDbA$2bvPCIWoQVpEBj3BjX6upQCTvhrRro4F6vEvJ88J7OFPysE424vGZyZGnAyb96asX72YGoBXt+sQGrMIl9lKTg";
        let output = "2bvPCIWoQVpEBj3BjX6upQCTvhrRro4F6vEvJ88J7OFPysE424vGZyZGnAyb96asX72YGoBXt+sQGrMIl9lKTg==";
        let scrypt = |salt: Value| {
            json!({
                "algorithm": "scrypt", "hash": {"value": output, "encoding": "base64"}, "salt": salt,
                "keylen": 64, "cost": 16, "blockSize": 8, "parallelization": 2,
            })
        };
        for salt in [
            json!({"value": "NaCl"}),
            json!({"value": "TmFDbA==", "encoding": "base64"}),
            json!({"value": "4e61436c", "encoding": "hex"}),
        ] {
            let user = converted(
                json!({"custom_password_hash": scrypt(salt)}),
                Wishes::default(),
            );
            assert_eq!(user.unwrap()["password_hash"], expected);
        }
        for (algorithm, value) in [
            (
                "bcrypt",
                "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            ),
            (
                "pbkdf2",
                "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHQ$wQoBU7GXMNo2CJC+raijrf6key4",
            ),
        ] {
            let custom = json!({"algorithm": algorithm, "hash": {"value": value}});
            let user = converted(json!({"custom_password_hash": custom}), Wishes::default());
            assert_eq!(user.unwrap()["password_hash"], value);
        }
    }

    #[test]
    fn a_hash_that_cannot_be_checked_is_told_or_dropped() {
        let md5 = json!({"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}});
        let utf16 = json!({"algorithm": "bcrypt", "hash": {"value": "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"}, "password": {"encoding": "utf16le"}});
        let odd_cost = json!({"algorithm": "scrypt", "hash": {"value": "00", "encoding": "hex"}, "salt": {"value": "x"}, "cost": 1000});
        let huge = json!({"algorithm": "scrypt", "hash": {"value": "0".repeat(128), "encoding": "hex"}, "salt": {"value": "x"}, "cost": 1_u64 << 40});
        for (custom, reason) in [
            (md5, "password_hash_unknown"),
            (utf16, "password_hash_unknown"),
            (json!({}), "password_hash_malformed"),
            (odd_cost, "password_hash_malformed"),
            (huge, "password_hash_too_costly"),
        ] {
            let record = json!({"email": "a@example.com", "custom_password_hash": custom});
            let skip = converted(record.clone(), Wishes::default()).unwrap_err();
            assert_eq!(skip.reason, reason, "{record}");
            let wishes = Wishes {
                drop_unusable_hashes: true,
                ..Wishes::default()
            };
            let converted = Auth0(wishes).convert(record).unwrap();
            assert!(converted.user.password_hash.is_none());
            assert_eq!(converted.notes.len(), 1);
        }
    }
}
