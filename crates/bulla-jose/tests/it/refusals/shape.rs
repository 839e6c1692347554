//! Claims that are not of the type that they are asked for as.

use bulla_jose::jwt::{self, TokenError, UnixTime};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::forge;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "t")]
enum Visitor {
    Guest,
    Admin,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Asked<T> {
    v: T,
}

fn read<T: DeserializeOwned>(v: &Value) -> Result<T, TokenError> {
    let token = forge::with_claim(&format!(r#""v":{v}"#));
    let now = UnixTime::from_seconds(forge::NOW);
    let verified = jwt::verify::<Asked<T>>(&token, &forge::keys(), &forge::policy(), now)?;
    Ok(verified.into_claims().v)
}

#[test]
fn the_tag_of_an_enum_as_a_number() {
    assert_eq!(read(&json!({ "t": "Admin" })), Ok(Visitor::Admin));
    assert_eq!(read(&json!({ "t": "Guest" })), Ok(Visitor::Guest));
    for tag in [json!(1), json!(0), json!(null), json!(true)] {
        let refused = read::<Visitor>(&json!({ "t": tag })).unwrap_err();
        assert_eq!(refused.code(), "token_claim_invalid", "{tag}");
    }
    assert!(read::<Visitor>(&json!([1])).is_err());
}

#[test]
fn null_for_a_map() {
    assert_eq!(read(&json!({})), Ok(Map::new()));
    assert!(read::<Map<String, Value>>(&json!(null)).is_err());
}
