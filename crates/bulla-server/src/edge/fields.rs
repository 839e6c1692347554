//! Reading a JSON object into a request type, with errors that name the field.

use serde::{
    Deserializer,
    de::{DeserializeOwned, IntoDeserializer, Visitor, value::MapDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// Why an object is no valid request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FieldError {
    /// The request type has no such field.
    #[error("the field `{field}` is not known here; known: {known}")]
    Unknown {
        /// Its name as the client wrote it, shortened.
        field: String,
        /// The names that are.
        known: String,
    },
    /// The field has the wrong type, or is missing.
    #[error("the field `{field}`: {reason}")]
    Invalid {
        /// Its name.
        field: String,
        /// What is wrong with it; never its value.
        reason: String,
    },
    /// What was sent is no object.
    #[error("{0}")]
    Shape(String),
}

/// Reads the object into `T`, whose `Deserialize` must deny unknown fields.
///
/// # Errors
/// The first field that is unknown, missing or of the wrong type.
pub(crate) fn read<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, FieldError> {
    let fields = object.into_iter().map(|(name, value)| {
        let field = Field {
            name: name.clone(),
            value,
        };
        (name, field)
    });
    T::deserialize(MapDeserializer::new(fields))
}

/// Reads the parameters of a query or form into `T`. Those that it does not know are refused if its `Deserialize` does.
///
/// # Errors
/// As [`read`]; a parameter that is there twice.
pub(crate) fn read_parameters<T: DeserializeOwned>(
    pairs: Vec<(String, String)>,
) -> Result<T, FieldError> {
    let parameters = pairs.into_iter().map(|(name, text)| {
        let parameter = Parameter {
            name: name.clone(),
            text,
        };
        (name, parameter)
    });
    T::deserialize(MapDeserializer::new(parameters))
}

impl FieldError {
    /// The name of the field, if it is one field's fault.
    pub(crate) fn field(&self) -> Option<&str> {
        match self {
            Self::Unknown { field, .. } | Self::Invalid { field, .. } => Some(field),
            Self::Shape(_) => None,
        }
    }
}

impl serde::de::Error for FieldError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Shape(message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::Unknown {
            field: field.chars().take(64).collect(),
            known: expected.join(", "),
        }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            reason: "is there twice".to_owned(),
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            reason: "is missing".to_owned(),
        }
    }
}

/// One parameter's text.
struct Parameter {
    name: String,
    text: String,
}

impl<'de> IntoDeserializer<'de, FieldError> for Parameter {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Parameter {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_string(self.text)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_some(self)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        match self.text.parse() {
            Ok(number) => visitor.visit_u32(number),
            Err(_) => Err(FieldError::Invalid {
                field: self.name,
                reason: format!("expected {}", plainly("u32")),
            }),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// One member's value, which knows its name, so that whatever is wrong with it is told with it.
struct Field {
    name: String,
    value: Value,
}

impl<'de> IntoDeserializer<'de, FieldError> for Field {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Field {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let found = kind(&self.value);
        self.value
            .deserialize_any(visitor)
            .map_err(|error| explain(self.name, found, &error))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let found = kind(&self.value);
        self.value
            .deserialize_option(visitor)
            .map_err(|error| explain(self.name, found, &error))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// serde's own text quotes the value it met, which may be a password: only what was expected is kept of it.
fn explain(field: String, found: &str, error: &serde_json::Error) -> FieldError {
    let text = error.to_string();
    let expected = text
        .rsplit_once("expected ")
        .map_or("another value", |(_, expected)| plainly(expected));
    FieldError::Invalid {
        field,
        reason: format!("expected {expected}, found {found}"),
    }
}

/// What serde names by its type in Rust, in the words of JSON.
fn plainly(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "u128" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "an array",
        "a map" => "an object",
        "unit" => "null",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(number) if number.is_i64() && !number.is_u64() => "a negative number",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Request {
        name: String,
        count: Option<u64>,
        tags: Option<Vec<String>>,
    }

    fn check(object: Value) -> Result<Request, FieldError> {
        let Value::Object(object) = object else {
            panic!("the test hands in an object")
        };
        read(object)
    }

    #[test]
    fn a_valid_object_is_read() {
        let request = check(json!({"name": "a", "count": 3, "tags": ["x"]}));
        assert_eq!(
            request,
            Ok(Request {
                name: "a".into(),
                count: Some(3),
                tags: Some(vec!["x".into()])
            })
        );
    }

    #[test]
    fn an_unknown_field_is_named() {
        let error = check(json!({"name": "a", "role": "admin"})).unwrap_err();
        assert!(
            matches!(&error, FieldError::Unknown { field, .. } if field == "role"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_field_is_named() {
        let error = check(json!({"count": 3})).unwrap_err();
        assert!(
            matches!(&error, FieldError::Invalid { field, .. } if field == "name"),
            "{error}"
        );
    }

    #[test]
    fn what_was_expected_is_said_in_the_words_of_json() {
        for (object, said) in [
            (
                json!({"name": "a", "count": -1}),
                "expected a whole number that is not negative, found a negative number",
            ),
            (
                json!({"name": "a", "count": 1.5}),
                "expected a whole number that is not negative, found a number with a fraction",
            ),
            (
                json!({"name": "a", "tags": {}}),
                "expected an array, found an object",
            ),
        ] {
            let text = check(object).unwrap_err().to_string();
            assert!(text.ends_with(said), "{text}");
        }
    }

    #[test]
    fn a_query_is_read_and_its_mistakes_are_named() {
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(deny_unknown_fields)]
        struct Query {
            after: Option<String>,
            limit: Option<u32>,
        }
        let read = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(name, text)| ((*name).into(), (*text).into()));
            read_parameters::<Query>(owned.collect()).map_err(|error| error.to_string())
        };
        let query = read(&[("limit", "7"), ("after", "12")]).unwrap();
        assert_eq!((query.limit, query.after.as_deref()), (Some(7), Some("12")));
        for (pairs, said) in [
            (
                &[("limit", "many")][..],
                "the field `limit`: expected a whole number",
            ),
            (
                &[("limit", "-1")],
                "the field `limit`: expected a whole number",
            ),
            (
                &[("limit", "1"), ("limit", "2")],
                "the field `limit`: is there twice",
            ),
            (&[("page", "1")], "the field `page` is not known here"),
        ] {
            let text = read(pairs).unwrap_err();
            assert!(text.starts_with(said), "{text}");
        }
    }

    #[test]
    fn a_wrong_type_is_named_and_its_value_is_not_repeated() {
        for (object, field, found) in [
            (json!({"name": 4711}), "name", "a number"),
            (json!({"name": null}), "name", "null"),
            (json!({"name": "a", "count": "4711"}), "count", "a string"),
            (json!({"name": "a", "tags": [4711]}), "tags", "an array"),
        ] {
            let error = check(object).unwrap_err();
            assert_eq!(error.field(), Some(field));
            let text = error.to_string();
            assert!(text.ends_with(found) && !text.contains("4711"), "{text}");
        }
    }
}
