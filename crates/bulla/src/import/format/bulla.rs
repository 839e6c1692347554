//! Bulla's own records: what `bulla user export` prints, with hashes or without, and the same as CSV for whoever comes
//! from a system of their own.

use bulla_server::admin::PortableUser;
use serde_json::{Map, Value};

use super::{Converted, Format, Skip, malformed, members::flag};

/// Bulla's own records.
pub(crate) struct Bulla;

impl Format for Bulla {
    fn convert(&self, mut record: Value) -> Result<Converted, Skip> {
        // All that is held about somebody: the account is a part of it.
        if let Some(user @ Value::Object(_)) = record.get_mut("user") {
            record = user.take();
        }
        let disabled = flag(&record, "disabled")?;
        if let Value::Object(members) = &mut record {
            read_texts(members)?;
            if let Some(disabled) = disabled {
                members.insert("disabled".to_owned(), disabled.into());
            }
        }
        let user: PortableUser =
            serde_json::from_value(record).map_err(|error| malformed(&error))?;
        Ok(user.into())
    }
}

/// In CSV everything is a text.
fn read_texts(members: &mut Map<String, Value>) -> Result<(), Skip> {
    members.retain(|_, value| !value.is_null());
    if let Some(Value::String(roles)) = members.get("roles") {
        let roles = roles.split([' ', ',', ';']).filter(|role| !role.is_empty());
        let roles: Vec<Value> = roles.map(Value::from).collect();
        members.insert("roles".to_owned(), roles.into());
    }
    if let Some(Value::String(text)) = members.get("claims") {
        let value = serde_json::from_str(text);
        let none = |_| Skip::new("record_malformed", "`claims` is no JSON");
        members.insert("claims".to_owned(), value.map_err(none)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn converted(record: Value) -> Result<Value, Skip> {
        let converted = Bulla.convert(record)?;
        Ok(serde_json::to_value(converted.user).unwrap())
    }

    #[test]
    fn an_export_a_part_of_it_and_a_line_of_csv_are_the_same() {
        let user = json!({
            "id": "usr_1", "email": "ada@example.com", "roles": ["admin", "editor"], "plan": "pro",
            "claims": {"team_id": 7}, "disabled": true, "created_at": "2026-01-01T00:00:00.000Z",
        });
        let mut shown = user.clone();
        shown["username"] = Value::Null;
        let held = json!({"user": shown, "sessions": [], "events": [], "links": []});
        let line = json!({
            "id": "usr_1", "email": "ada@example.com", "roles": "admin editor", "plan": "pro",
            "claims": "{\"team_id\": 7}", "disabled": "TRUE", "created_at": "2026-01-01T00:00:00.000Z",
        });
        for record in [user.clone(), shown.clone(), held, line] {
            assert_eq!(converted(record).unwrap(), user);
        }
    }

    #[test]
    fn what_is_no_record_is_skipped_and_not_repeated() {
        for (record, said) in [
            (json!(7), "a member is of another type than it should be"),
            (
                json!({"email": 4711}),
                "a member is of another type than it should be",
            ),
            (json!({"mail": "4711"}), "unknown field `mail`"),
            (json!({"claims": "4711}"}), "`claims` is no JSON"),
            (
                json!({"disabled": "4711?"}),
                "`disabled` is neither true nor false",
            ),
        ] {
            let skip = converted(record).unwrap_err();
            assert_eq!(skip, Skip::new("record_malformed", said));
        }
    }
}
