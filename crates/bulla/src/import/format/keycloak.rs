//! Keycloak: the JSON of a realm export with users (`kc.sh export`), or one of its files of users.

use base64_simd::STANDARD_NO_PAD;
use bulla_core::account::PasswordHash;
use serde_json::{Map, Value};

use super::{
    Converted, Format, Skip, foreign::Foreign, hash, malformed_hash, members::*, unknown_hash,
    wishes::Wishes,
};

/// The users of a realm.
pub(crate) struct Keycloak(pub(crate) Wishes);

impl Format for Keycloak {
    fn convert(&self, record: Value) -> Result<Converted, Skip> {
        if text(&record, "serviceAccountClientId").is_some() {
            return Err(Skip::new(
                "service_account",
                "it speaks for a client, not for somebody",
            ));
        }
        if record["users"].is_array() {
            let detail = "it is a realm, not a user: export each into a file of its own (--realm)";
            return Err(Skip::new("record_malformed", detail));
        }
        let parts = ["firstName", "lastName"].map(|part| text(&record, part));
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        let foreign = Foreign {
            system: "keycloak",
            id: owned(&record, "id"),
            email: owned(&record, "email"),
            email_verified: flag(&record, "emailVerified")?.unwrap_or(false),
            username: owned(&record, "username"),
            name: (!parts.is_empty()).then(|| parts.join(" ")),
            password: password(&record),
            roles: roles(&record),
            disabled: !flag(&record, "enabled")?.unwrap_or(true),
            created_at: from_milliseconds(number(&record, "createdTimestamp")),
            metadata: attributes(&record),
            record,
        };
        foreign.into_user(&self.0)
    }
}

/// Those of the realm, and those of clients as `CLIENT:ROLE`.
fn roles(record: &Value) -> Vec<String> {
    let mut roles = texts(&record["realmRoles"]);
    for (client, of_client) in record["clientRoles"].as_object().into_iter().flatten() {
        let of_client = texts(of_client).into_iter();
        roles.extend(of_client.map(|role| format!("{client}:{role}")));
    }
    roles
}

/// Each is a list there; one of a single value is that value.
fn attributes(record: &Value) -> Value {
    let attributes = record["attributes"].as_object().into_iter().flatten();
    let single = attributes.map(|(name, value)| {
        let value = match value.as_array().map(Vec::as_slice) {
            Some([only]) => only,
            _ => value,
        };
        (name.clone(), value.clone())
    });
    Value::Object(single.collect::<Map<_, _>>())
}

fn password(record: &Value) -> Option<Result<PasswordHash, Skip>> {
    let credentials = record["credentials"].as_array().into_iter().flatten();
    let mut credentials = credentials.into_iter();
    let found = credentials.find(|credential| credential["type"] == "password")?;
    let parts = Parts::of(found);
    Some(
        parts
            .ok_or_else(malformed_hash)
            .and_then(|parts| parts.hash()),
    )
}

/// What a credential says.
struct Parts {
    /// How the hash was made.
    data: Value,
    salt: Option<String>,
    value: String,
}

impl Parts {
    fn of(credential: &Value) -> Option<Self> {
        // Before Keycloak 8, all was in the credential itself.
        if let Some(value) = owned(credential, "hashedSaltedValue") {
            let salt = owned(credential, "salt");
            return Some(Self {
                data: credential.clone(),
                salt,
                value,
            });
        }
        let secret: Value = serde_json::from_str(text(credential, "secretData")?).ok()?;
        Some(Self {
            data: serde_json::from_str(text(credential, "credentialData")?).ok()?,
            salt: owned(&secret, "salt"),
            value: owned(&secret, "value")?,
        })
    }

    fn hash(&self) -> Result<PasswordHash, Skip> {
        let function = match text(&self.data, "algorithm") {
            Some("pbkdf2") => "sha1",
            Some("pbkdf2-sha256") => "sha256",
            Some("pbkdf2-sha512") => "sha512",
            Some("argon2") => return hash(&self.argon2().ok_or_else(malformed_hash)?),
            // Of an extension: the hash is written whole.
            Some("bcrypt") => return hash(&self.value),
            _ => return Err(unknown_hash()),
        };
        let text = self.pbkdf2(function).ok_or_else(malformed_hash)?;
        hash(&text)
    }

    fn pbkdf2(&self, function: &str) -> Option<String> {
        let iterations = number(&self.data, "hashIterations")?;
        Some(format!(
            "$pbkdf2-{function}$i={iterations}{}",
            self.salt_and_output()?
        ))
    }

    fn argon2(&self) -> Option<String> {
        let parameters = &self.data["additionalParameters"];
        let parameter = |name: &str| parameters[name][0].as_str();
        let version = match parameter("version")? {
            "1.3" => 19,
            "1.0" => 16,
            _ => return None,
        };
        let passes = number(&self.data, "hashIterations")?;
        let (kind, memory, lanes) = (
            parameter("type")?,
            parameter("memory")?,
            parameter("parallelism")?,
        );
        Some(format!(
            "$argon2{kind}$v={version}$m={memory},t={passes},p={lanes}{}",
            self.salt_and_output()?
        ))
    }

    fn salt_and_output(&self) -> Option<String> {
        let salt = STANDARD_NO_PAD.encode_to_string(base64(self.salt.as_deref()?)?);
        let output = STANDARD_NO_PAD.encode_to_string(base64(&self.value)?);
        Some(format!("${salt}${output}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn converted(record: Value, wishes: Wishes) -> Result<Value, Skip> {
        let converted = Keycloak(wishes).convert(record)?;
        Ok(serde_json::to_value(converted.user).unwrap())
    }

    fn credential(data: &Value, secret: &Value) -> Value {
        json!({"type": "password", "credentialData": data.to_string(), "secretData": secret.to_string()})
    }

    #[test]
    fn what_is_wished_for_is_taken() {
        let record = json!({
            "id": "9f4b8f3a-0c5e-4a0e-9d0c-6f2b7f1f8a11", "createdTimestamp": 1_767_604_673_211_u64, "username": "ada",
            "enabled": false, "emailVerified": true, "firstName": "Ada", "lastName": "Lovelace",
            "email": "ada@example.com", "attributes": {"team": ["red"], "tags": ["a", "b"]},
            "credentials": [{"type": "otp", "credentialData": "{}"}], "realmRoles": ["default-roles-shop", "editor"],
            "clientRoles": {"shop": ["buyer"]}, "groups": ["/staff"],
        });
        let wishes = Wishes {
            roles: ["editor=author", "shop:buyer=buyer", "offline_access"]
                .map(|text| text.parse().unwrap())
                .into(),
            claims: ["team", "tags", "staff=groups"]
                .map(|text| text.parse().unwrap())
                .into(),
            ..Wishes::default()
        };
        let expected = json!({
            "source": "keycloak:9f4b8f3a-0c5e-4a0e-9d0c-6f2b7f1f8a11", "email": "ada@example.com", "username": "ada",
            "name": "Ada Lovelace", "roles": ["author", "buyer"], "disabled": true,
            "claims": {"team": "red", "tags": ["a", "b"], "staff": ["/staff"]}, "created_at": "2026-01-05T09:17:53.211Z",
        });
        assert_eq!(converted(record, wishes).unwrap(), expected);
    }

    #[test]
    fn an_address_as_the_user_name_is_an_address() {
        for (record, email, username) in [
            (
                json!({"username": "ada@example.com", "email": "Ada@example.com"}),
                "Ada@example.com",
                json!(null),
            ),
            (
                json!({"username": "ada@example.com"}),
                "ada@example.com",
                json!(null),
            ),
            (
                json!({"username": "ada@old.example", "email": "ada@example.com"}),
                "ada@example.com",
                json!("ada@old.example"),
            ),
        ] {
            let user = converted(record, Wishes::default()).unwrap();
            assert_eq!(
                (&user["email"], &user["username"]),
                (&json!(email), &username)
            );
        }
    }

    #[test]
    fn credentials_of_every_age_are_read() {
        let secret = json!({"value": "wQoBU7GXMNo2CJC+raijrf6key4=", "salt": "c2FsdHNhbHQ=", "additionalParameters": {}});
        let pbkdf2 = |algorithm: &str| json!({"hashIterations": 1000, "algorithm": algorithm, "additionalParameters": {}});
        let argon2 = json!({
            "hashIterations": 2, "algorithm": "argon2",
            "additionalParameters": {"hashLength": ["20"], "memory": ["64"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]},
        });
        let old = json!({
            "type": "password", "hashedSaltedValue": "wQoBU7GXMNo2CJC+raijrf6key4=", "salt": "c2FsdHNhbHQ=",
            "hashIterations": 1000, "algorithm": "pbkdf2-sha256",
        });
        let rest = "$c2FsdHNhbHQ$wQoBU7GXMNo2CJC+raijrf6key4";
        let bcrypt = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
        for (credential, expected) in [
            (
                credential(&pbkdf2("pbkdf2"), &secret),
                format!("$pbkdf2-sha1$i=1000,l=20{rest}"),
            ),
            (
                credential(&pbkdf2("pbkdf2-sha256"), &secret),
                format!("$pbkdf2-sha256$i=1000,l=20{rest}"),
            ),
            (
                credential(&pbkdf2("pbkdf2-sha512"), &secret),
                format!("$pbkdf2-sha512$i=1000,l=20{rest}"),
            ),
            (
                credential(&argon2, &secret),
                format!("$argon2id$v=19$m=64,t=2,p=1{rest}"),
            ),
            (
                credential(&json!({"algorithm": "bcrypt"}), &json!({"value": bcrypt})),
                bcrypt.to_owned(),
            ),
            (old, format!("$pbkdf2-sha256$i=1000,l=20{rest}")),
        ] {
            let user = converted(json!({"credentials": [credential]}), Wishes::default()).unwrap();
            assert_eq!(user["password_hash"], expected);
        }
    }

    #[test]
    fn what_is_no_user_or_no_hash_is_skipped() {
        let secret = json!({"value": "wQoBU7GXMNo2CJC+raijrf6key4=", "salt": "c2FsdHNhbHQ="});
        let data = |algorithm: &str, iterations: u64| json!({"hashIterations": iterations, "algorithm": algorithm});
        for (record, reason) in [
            (
                json!({"username": "service-account-shop", "serviceAccountClientId": "shop"}),
                "service_account",
            ),
            (
                json!({"realm": "shop", "users": [{"username": "ada"}]}),
                "record_malformed",
            ),
            (
                json!({"credentials": [{"type": "password"}]}),
                "password_hash_malformed",
            ),
            (
                json!({"credentials": [credential(&json!("{"), &secret)]}),
                "password_hash_unknown",
            ),
            (
                json!({"credentials": [credential(&data("md5", 1), &secret)]}),
                "password_hash_unknown",
            ),
            (
                json!({"credentials": [credential(&data("argon2", 1), &secret)]}),
                "password_hash_malformed",
            ),
            (
                json!({"credentials": [credential(&data("pbkdf2", 1), &json!({"value": "x"}))]}),
                "password_hash_malformed",
            ),
            (
                json!({"credentials": [credential(&data("pbkdf2", 4_000_000_000), &secret)]}),
                "password_hash_too_costly",
            ),
        ] {
            let skip = converted(record.clone(), Wishes::default()).unwrap_err();
            assert_eq!(skip.reason, reason, "{record}");
        }
    }
}
