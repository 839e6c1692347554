use bulla_jose::json::{self, Limits, Reason};

fn reason(text: impl AsRef<[u8]>) -> Option<Reason> {
    json::check(text.as_ref(), Limits::CLAIMS)
        .err()
        .map(|error| error.reason)
}

#[test]
fn every_kind_of_value_is_accepted() {
    for text in [
        "null",
        " true ",
        "\t\r\n[ ]",
        "{}",
        "-0.5e+10",
        "0",
        r#""\u00e9\ud83d\ude00\n""#,
        r#"[1,[2,{"a":[{}]}],"x"]"#,
        r#"{"a":{"a":1},"b":{"a":2}}"#,
        r#"{"a":[{"b":1},{"b":1}],"b":2}"#,
        "\"\u{feff}\"",
    ] {
        assert_eq!(reason(text), None, "{text}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_reason_and_place() {
    let check = |text: &str, reason, offset| {
        let error = json::check(text.as_bytes(), Limits::CLAIMS).unwrap_err();
        assert_eq!((error.reason, error.offset), (reason, offset), "{text}");
    };
    check("", Reason::UnexpectedEnd, 0);
    check("[1,", Reason::UnexpectedEnd, 3);
    check("[1", Reason::UnexpectedEnd, 2);
    check("{\"a\"", Reason::UnexpectedEnd, 4);
    check("\"abc", Reason::UnexpectedEnd, 4);
    check("[1,]", Reason::Expected("a value"), 3);
    check("{\"a\":1,}", Reason::Expected("a member name"), 7);
    check("{a:1}", Reason::Expected("a member name"), 1);
    check("{\"a\" 1}", Reason::Expected("a colon"), 5);
    check("[1 2]", Reason::Expected("a comma or a closing bracket"), 3);
    check(
        "{\"a\":1]",
        Reason::Expected("a comma or a closing brace"),
        6,
    );
    check("nul", Reason::Expected("a value"), 0);
    check("NaN", Reason::Expected("a value"), 0);
    check("'a'", Reason::Expected("a value"), 0);
    check("{} {}", Reason::TrailingBytes, 3);
    check("nullx", Reason::TrailingBytes, 4);
    check("01", Reason::InvalidNumber, 2);
    check("1.", Reason::InvalidNumber, 2);
    check("-", Reason::InvalidNumber, 1);
    check("1e", Reason::InvalidNumber, 2);
    check("\"\\x\"", Reason::InvalidEscape, 1);
    check("\"\\u12g4\"", Reason::InvalidEscape, 1);
    check("\"\\u+123\"", Reason::InvalidEscape, 1);
    check("\"a\nb\"", Reason::ControlCharacter, 2);
    check("\"\\ud800\"", Reason::LoneSurrogate, 1);
    check("\"\\udc00\\ud800\"", Reason::LoneSurrogate, 1);
    check("\"\\ud800\\u0041\"", Reason::LoneSurrogate, 1);
    check("{\"a\":1,\"a\":1}", Reason::DuplicateMember, 10);
    check("{\"a\":1,\"\\u0061\":1}", Reason::DuplicateMember, 15);
    check("[{\"\":1,\"\":1}]", Reason::DuplicateMember, 9);
    check("\u{feff}{}", Reason::ByteOrderMark, 0);
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    assert_eq!(reason(b"\"\xc3\xa9\""), None, "the control");
    for bytes in [
        &b"\"\xc3\""[..],
        b"\"\xff\"",
        b"\"\xc0\x80\"",
        b"\"\xed\xa0\x80\"",
    ] {
        assert_eq!(reason(bytes), Some(Reason::NotUtf8));
    }
}

#[test]
fn names_are_told_apart_by_all_of_their_characters() {
    let names = [
        "a", "A", "aa", "abcd1", "abcd2", "é", "e\\u0301", "\\n", "n",
    ];
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":0")).collect();
    assert_eq!(reason(format!("{{{}}}", members.join(","))), None);
    for name in names {
        let text = format!("{{{},\"{name}\":0}}", members.join(","));
        assert_eq!(reason(text), Some(Reason::DuplicateMember), "{name}");
    }
}

#[test]
fn depth_and_members_are_limited_exactly() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(reason(nested(32)), None);
    assert_eq!(reason(nested(33)), Some(Reason::TooDeep));
    let wide = |count: usize| {
        let members: Vec<String> = (0..count).map(|at| format!("\"m{at}\":0")).collect();
        format!("[{{{}}}]", members.join(","))
    };
    assert_eq!(reason(wide(256)), None);
    assert_eq!(reason(wide(257)), Some(Reason::TooManyMembers));
}

#[test]
fn a_value_of_another_shape_is_refused_without_quoting_it() {
    let read = |text: &str| {
        json::from_slice::<Vec<u8>>(text.as_bytes(), Limits::CLAIMS)
            .map_err(|error| error.to_string())
    };
    assert_eq!(read("[1,2]"), Ok(vec![1, 2]));
    assert_eq!(
        read(r#"[1,"swordfish"]"#),
        Err("not of the expected shape (at byte 14)".to_owned())
    );
}

#[test]
fn text_without_escapes_can_be_borrowed() {
    let borrowed: Vec<&str> = json::from_slice(br#"["a","b"]"#, Limits::CLAIMS).unwrap();
    assert_eq!(borrowed, ["a", "b"]);
}
