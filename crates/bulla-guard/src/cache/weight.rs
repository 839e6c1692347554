//! How much memory a token takes in the cache. Never less than it does, as allocators and collections go.

use serde_json::{Map, Value};

use crate::{principal::Principal, verified::Token};

/// The place in the table (at its emptiest, and twice while it grows) and the counts of the shared pointer.
const PLACE: usize = 128;

/// What an allocation takes besides what was asked for.
const ALLOCATION: usize = 16;

/// A node of a B-tree of claims: up to eleven of them, at least five but in the last one.
const NODE: usize = 12 * (size_of::<String>() + size_of::<Value>());

pub(super) fn of(token: &Token) -> usize {
    size_of::<Token>() + PLACE + text(&token.text) + principal(&token.principal)
}

fn principal(principal: &Principal) -> usize {
    let texts = [
        Some(&principal.issuer),
        Some(&principal.subject),
        principal.session.as_ref(),
        principal.client_id.as_ref(),
        principal.plan.as_ref(),
        principal.token_id.as_ref(),
        principal.key_id.as_ref(),
    ];
    let single: usize = texts.into_iter().flatten().map(owned).sum();
    single + list(&principal.roles) + list(&principal.scopes) + object(&principal.claims)
}

fn list(texts: &Vec<String>) -> usize {
    let own = ALLOCATION + texts.capacity() * size_of::<String>();
    own + texts.iter().map(owned).sum::<usize>()
}

fn object(members: &Map<String, Value>) -> usize {
    let nodes = NODE + members.len().div_ceil(5) * (NODE + ALLOCATION);
    let own = if members.is_empty() { 0 } else { nodes };
    let each = |(name, inner): (&String, &Value)| owned(name) + value(inner);
    own + members.iter().map(each).sum::<usize>()
}

/// Beside the value itself.
fn value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => owned(text),
        Value::Array(values) => {
            let own = ALLOCATION + values.capacity() * size_of::<Value>();
            own + values.iter().map(self::value).sum::<usize>()
        }
        Value::Object(members) => object(members),
    }
}

fn owned(text: &String) -> usize {
    ALLOCATION + text.capacity()
}

fn text(text: &str) -> usize {
    ALLOCATION + text.len()
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use bulla_jose::jwt::UnixTime;
    use serde_json::json;

    use super::*;
    use crate::verified::VerifiedBy;

    fn sample(claims: &Value) -> Token {
        let Value::Object(claims) = claims.clone() else {
            unreachable!("claims are an object")
        };
        let principal = Principal {
            issuer: "https://issuer.example".to_owned(),
            subject: "usr_alice".to_owned(),
            session: Some("session-1".to_owned()),
            client_id: Some("bulla".to_owned()),
            roles: vec!["user".to_owned(), "editor".to_owned()],
            scopes: "a b c d e".split(' ').map(str::to_owned).collect(),
            plan: None,
            anonymous: false,
            token_id: None,
            key_id: Some("k".to_owned()),
            epoch: Some(1),
            generation: None,
            issued_at: None,
            expires_at: UnixTime::from_seconds(9),
            claims,
        };
        let times = (UnixTime::from_seconds(0), UnixTime::from_seconds(9));
        let by = VerifiedBy {
            issuer: 0,
            epoch: 0,
        };
        Token::new(&"t".repeat(500), principal, times, by)
    }

    #[test]
    fn never_less_than_what_was_allocated() {
        let many: Map<String, Value> = (0..200)
            .map(|number| {
                (
                    format!("claim-{number}"),
                    json!([number, { "deep": [true] }]),
                )
            })
            .collect();
        for claims in [
            json!({}),
            json!({ "sub": "usr_alice" }),
            json!({ "a": "x".repeat(3000), "b": [1, 2, [3, null]], "c": { "d": { "e": "f" } } }),
            Value::Object(many),
        ] {
            let mut weight = 0;
            let allocated = allocation_counter::measure(|| {
                let token = Box::new(sample(&claims));
                weight = of(&token);
                // Kept, so that it counts as taken.
                std::mem::forget(black_box(token));
            });
            let taken = usize::try_from(allocated.bytes_current).unwrap();
            let blocks = usize::try_from(allocated.count_current).unwrap() * ALLOCATION;
            assert!(
                weight >= taken + blocks,
                "{weight} for {taken} and {blocks}"
            );
        }
    }
}
