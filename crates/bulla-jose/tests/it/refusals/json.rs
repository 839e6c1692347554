//! JSON that two readers could read in two ways, or that is meant to be expensive, in the header and in the claims.

use crate::forge::{
    CLAIMS, HEADER, accepted, altered, refused, refused_for, with_claim, with_claims, with_header,
};

/// A header with one more member.
fn with_member(member: &str) -> String {
    with_header(format!("{},{member}}}", &HEADER[..HEADER.len() - 1]))
}

#[track_caller]
fn both_refused(member: &str, words: &str) {
    refused_for(&with_member(member), "token_malformed", words);
    refused_for(&with_claim(member), "token_malformed", words);
}

#[track_caller]
fn both_accepted(member: &str) {
    accepted(&with_member(member));
    accepted(&with_claim(member));
}

const TWICE: &str = "a member name occurs twice";

#[test]
fn a_member_named_twice_is_refused() {
    both_accepted(r#""a":1,"b":1"#);
    both_refused(r#""a":1,"a":1"#, TWICE);
    refused_for(&with_member(r#""alg":"HS256""#), "token_malformed", TWICE);
    refused_for(&with_claim(r#""sub":"usr_1""#), "token_malformed", TWICE);
}

#[test]
fn a_member_named_twice_with_escapes_is_refused() {
    both_accepted(r#""\u0061":1,"b":1"#);
    both_refused(r#""\u0061":1,"a":1"#, TWICE);
    both_refused(r#""a/b":1,"a\/b":1"#, TWICE);
    both_refused(r#""\u00e9":1,"é":1"#, TWICE);
    both_refused(r#""\ud83d\ude00":1,"😀":1"#, TWICE);
    both_refused(r#""\u006a":1,"\u006A":1"#, TWICE);
    refused_for(
        &with_claim(r#""\u0065xp":9999999999"#),
        "token_malformed",
        TWICE,
    );
    refused_for(
        &with_member(r#""al\u0067":"none""#),
        "token_malformed",
        TWICE,
    );
}

#[test]
fn a_member_named_twice_at_any_depth_is_refused() {
    both_accepted(r#""a":{"a":[{"a":1},{"a":1}]}"#);
    both_refused(r#""a":{"b":1,"b":1}"#, TWICE);
    both_refused(r#""a":[[{"b":{"c":0,"d":[],"c":0}}]]"#, TWICE);
}

#[test]
fn a_lone_surrogate_is_refused() {
    both_accepted(r#""a":"\ud83d\ude00""#);
    both_refused(r#""a":"\ud83d""#, "a lone surrogate");
    both_refused(r#""a":"\ude00\ud83d""#, "a lone surrogate");
    both_refused(r#""\ud83dx":1"#, "a lone surrogate");
}

#[test]
fn a_byte_order_mark_is_refused() {
    accepted(&with_claims(CLAIMS));
    let words = "a byte order mark";
    refused_for(
        &with_header(format!("\u{feff}{HEADER}")),
        "token_malformed",
        words,
    );
    refused_for(
        &with_claims(format!("\u{feff}{CLAIMS}")),
        "token_malformed",
        words,
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    both_accepted("\"a\":\"\u{e9}\"");
    for bad in [
        &b"\xe9"[..],
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ] {
        let spoil = |text: &str| {
            let (start, end) = text.split_at(text.len() - 1);
            [start.as_bytes(), b",\"a\":\"", bad, b"\"", end.as_bytes()].concat()
        };
        refused_for(&with_header(spoil(HEADER)), "token_malformed", "not UTF-8");
        refused_for(&with_claims(spoil(CLAIMS)), "token_malformed", "not UTF-8");
    }
}

#[test]
fn bytes_after_the_object_are_refused() {
    accepted(&with_header(format!(" {HEADER}\r\n")));
    accepted(&with_claims(format!(" {CLAIMS}\t ")));
    for tail in ["{}", ",", "}", "\0", "x", "//", "\u{a0}"] {
        let words = "trailing bytes";
        refused_for(
            &with_header(format!("{HEADER}{tail}")),
            "token_malformed",
            words,
        );
        refused_for(
            &with_claims(format!("{CLAIMS}{tail}")),
            "token_malformed",
            words,
        );
    }
}

#[test]
fn nesting_over_32_is_refused() {
    let nested = |depth| format!(r#""a":{}{}"#, "[".repeat(depth), "]".repeat(depth));
    both_accepted(&nested(31));
    both_refused(&nested(32), "nested too deep");
    let objects = |depth| format!(r#"{}"a":1{}"#, r#""a":{"#.repeat(depth), "}".repeat(depth));
    both_accepted(&objects(31));
    both_refused(&objects(32), "nested too deep");
}

fn members(count: usize) -> String {
    let members: Vec<String> = (0..count).map(|at| format!(r#""m{at}":{at}"#)).collect();
    members.join(",")
}

#[test]
fn a_header_of_more_than_64_members_is_refused() {
    accepted(&with_member(&members(61)));
    refused_for(
        &with_member(&members(62)),
        "token_malformed",
        "too many members",
    );
}

/// Otherwise whoever can write a header could make it expensive.
#[test]
fn a_header_that_is_no_strict_json_is_refused_before_any_signature() {
    let badly_signed = |member: &str| {
        let header = format!("{},{member}}}", &HEADER[..HEADER.len() - 1]);
        altered(&with_header(header))
    };
    refused(&badly_signed(&members(61)), "token_signature_invalid");
    refused_for(
        &badly_signed(&members(62)),
        "token_malformed",
        "too many members",
    );
    let twice = badly_signed(r#""alg":"HS256""#);
    refused_for(&twice, "token_malformed", "occurs twice");
    let nested = |depth| format!(r#""a":{}{}"#, "[".repeat(depth), "]".repeat(depth));
    refused(&badly_signed(&nested(31)), "token_signature_invalid");
    refused_for(
        &badly_signed(&nested(32)),
        "token_malformed",
        "nested too deep",
    );
}

#[test]
fn claims_of_more_than_256_members_are_refused() {
    accepted(&with_claim(&members(252)));
    refused_for(
        &with_claim(&members(253)),
        "token_malformed",
        "too many members",
    );
}

#[test]
fn members_count_at_all_depths_together() {
    let nested = |count| format!(r#""a":[{{{}}},{{"b":{{"c":1}}}}]"#, members(count));
    accepted(&with_member(&nested(58)));
    refused_for(
        &with_member(&nested(59)),
        "token_malformed",
        "too many members",
    );
    accepted(&with_claim(&nested(249)));
    refused_for(
        &with_claim(&nested(250)),
        "token_malformed",
        "too many members",
    );
}

#[test]
fn a_header_or_payload_that_is_no_object_is_refused() {
    accepted(&with_claims(CLAIMS));
    for other in [
        "",
        "null",
        "[]",
        "\"text\"",
        "1",
        "true",
        &format!("[{CLAIMS}]"),
    ] {
        let words = if other.is_empty() {
            ""
        } else {
            "expected an object"
        };
        refused_for(&with_header(other), "token_malformed", words);
        refused_for(&with_claims(other), "token_malformed", words);
    }
}

#[test]
fn what_only_lenient_readers_read_is_refused() {
    both_accepted(r#""a":[1,-0.5e1,true,null,"\n"]"#);
    for bad in [
        r#""a":1,"#,
        r#""a":[1,]"#,
        r#""a":01"#,
        r#""a":+1"#,
        r#""a":.5"#,
        r#""a":1."#,
        r#""a":0x1"#,
        r#""a":NaN"#,
        r#""a":Infinity"#,
        r#""a":'b'"#,
        r#"a:1"#,
        r#""a":"\x41""#,
        r#""a":"\u{41}""#,
        r#"/**/"a":1"#,
        "\"a\":\"\n\"",
        "\"a\":\"\0\"",
        r#""a":True"#,
        r#""a""#,
        r#""a" 1"#,
    ] {
        both_refused(bad, "");
    }
}
