use std::collections::HashSet;

use bulla_guard::{
    client::RequestId,
    problem::{Code, Problem},
    refusal::Refusal,
};
use bytes::Bytes;
use http::{Response, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

fn body(response: Response<Full<Bytes>>) -> Value {
    let body = futures_executor::block_on(response.into_body().collect()).unwrap();
    serde_json::from_slice(&body.to_bytes()).unwrap()
}

fn request_id() -> RequestId {
    RequestId::parse("request-1").unwrap()
}

#[test]
fn codes_are_all_different_and_all_has_them_in_their_order() {
    assert!(
        Code::ALL
            .iter()
            .enumerate()
            .all(|(place, code)| place == *code as usize)
    );
    assert_eq!(Code::ALL.last(), Some(&Code::UpstreamTimeout));
    let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    let titles: HashSet<_> = Code::ALL.iter().map(|code| code.title()).collect();
    assert_eq!(titles.len(), Code::ALL.len());
    for name in names {
        assert!(
            name.bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_lowercase()),
            "{name}"
        );
    }
}

#[test]
fn a_problem_has_the_members_of_rfc_9457_and_ours() {
    let response = Problem::new(Code::RoleRequired, "admins only").response(&request_id());
    assert_eq!(response.status(), 403);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let expected = json!({
        "type": "urn:bulla:problem:role_required",
        "title": "Role required",
        "status": 403,
        "detail": "admins only",
        "code": "role_required",
        "request_id": "request-1",
    });
    assert_eq!(body(response), expected);
}

#[test]
fn further_members_are_added_but_replace_none() {
    let problem = Problem::new(Code::FieldInvalid, "not an address")
        .with("field", "email")
        .with("code", "mine");
    let body = body(problem.response(&request_id()));
    assert_eq!(body["field"], "email");
    assert_eq!(body["code"], "field_invalid");
}

#[test]
fn the_challenge_of_a_refusal_is_in_its_answer() {
    let refusal = Refusal::new(Code::TokenExpired, "it has ended");
    let challenge = refusal.www_authenticate().unwrap();
    let response = Problem::from(refusal).response(&request_id());
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], challenge);

    let not_found = Problem::new(Code::NotFound, "nothing here").response(&request_id());
    assert!(!not_found.headers().contains_key(header::WWW_AUTHENTICATE));
}

#[test]
fn every_503_and_no_other_says_when_to_try_again() {
    for code in Code::ALL {
        let response = Problem::new(*code, "").response(&request_id());
        let retry_after = response.headers().contains_key(header::RETRY_AFTER);
        assert_eq!(retry_after, code.status() == 503, "{code}");
    }
    let response = Problem::new(Code::Overloaded, "")
        .retry_after(7)
        .response(&request_id());
    assert_eq!(response.headers()[header::RETRY_AFTER], "7");
}
