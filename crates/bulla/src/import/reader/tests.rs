use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Columns whose names the file does not say.
const KNOWN: Dialect = Dialect {
    columns: Some(&["id", "name"]),
    guarded: false,
};
const NAMED: Dialect = Dialect {
    columns: None,
    guarded: false,
};

fn read(text: &[u8], shape: Shape, dialect: Dialect) -> (Vec<Record>, Result<(), String>) {
    let input = Input::of(io::Cursor::new(text.to_vec()), Extent::default()).unwrap();
    let mut records = Vec::new();
    let result = input.read(shape, dialect, &mut |record| {
        records.push(record);
        true
    });
    (records, result.map_err(|error| error.to_string()))
}

/// A pipe that gives a byte at a time.
struct Drops(&'static [u8]);

impl Read for Drops {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(1);
        self.0.read(&mut buffer[..count])
    }
}

fn records(found: &[(u64, Value)]) -> Vec<Record> {
    let record = |(line, value): &(u64, Value)| Record {
        line: *line,
        value: Ok(value.clone()),
    };
    found.iter().map(record).collect()
}

#[test]
fn the_beginning_says_how_a_file_is_written() {
    for (text, shape) in [
        ("{\"email\":\"a\"}\n{\"email\":\"b\"}\n", Shape::Ndjson),
        ("{\"email\":\"a\"}", Shape::Ndjson),
        ("\u{feff}{\"email\":\"a\"}\n", Shape::Ndjson),
        (" [\n", Shape::Json),
        ("{\"users\": [", Shape::Json),
        ("{\"users\":[]}\n", Shape::Json),
        ("{\n  \"id\": \"realm\",\n  \"users\": []}", Shape::Json),
        ("id,email\n", Shape::Csv),
        ("", Shape::Csv),
    ] {
        let input = Input::of(io::Cursor::new(text.as_bytes()), Extent::default()).unwrap();
        assert_eq!(input.shape(), shape, "{text}");
        let drops = Input::of(Drops(text.as_bytes()), Extent::default()).unwrap();
        assert_eq!(drops.shape(), shape, "{text}");
    }
    let of_name = |name| Shape::of_name(Path::new(name));
    assert_eq!(of_name("a.csv"), Some(Shape::Csv));
    assert_eq!(of_name("a.jsonl"), Some(Shape::Ndjson));
    assert_eq!((of_name("a.json"), of_name("-")), (None, None));
}

#[test]
fn a_line_is_a_record_and_one_that_is_none_stops_no_other() {
    let text = b"{\"a\":1}\n\n  \nnonsense\n\xff\n{\"a\":2}";
    let (found, result) = read(text, Shape::Ndjson, NAMED);
    assert_eq!(result, Ok(()));
    let lines: Vec<_> = found
        .iter()
        .map(|record| (record.line, record.value.is_ok()))
        .collect();
    assert_eq!(lines, [(1, true), (4, false), (5, false), (6, true)]);
}

#[test]
fn a_line_that_is_too_long_is_skipped_alone() {
    let long = format!("{{\"a\":\"{}\"}}\n{{\"a\":2}}\n", "x".repeat(MAX_RECORD));
    let (found, result) = read(long.as_bytes(), Shape::Ndjson, NAMED);
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Err(TOO_LONG));
    assert_eq!(found[1..], records(&[(2, json!({"a": 2}))]));
}

#[test]
fn the_list_is_the_document_or_its_member() {
    let users = "[\n {\"a\": 1},\n\n {\"a\":\n 2}\n]";
    for (text, first) in [
        (users.to_owned(), 2),
        (
            format!("{{\"realm\": {{\"users\": [7]}},\n \"users\": {users}, \"roles\": []}}"),
            3,
        ),
    ] {
        let (found, result) = read(text.as_bytes(), Shape::Json, NAMED);
        assert_eq!(result, Ok(()), "{text}");
        assert_eq!(
            found,
            records(&[(first, json!({"a": 1})), (first + 2, json!({"a": 2}))])
        );
    }
    for (text, said) in [
        ("{}", "line 1: there is no member `users` in it"),
        ("{\"users\": {}}", "line 1: `users` is no list"),
        ("[\n{\"a\": 1},\n}]", "line 3: expected value"),
        ("[] []", "line 1: trailing characters"),
        (
            "7",
            "line 1: invalid type: integer `7`, expected a list of users, or an object with the member `users`",
        ),
    ] {
        assert_eq!(
            read(text.as_bytes(), Shape::Json, NAMED).1,
            Err(said.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn a_record_without_end_is_not_read_to_its_end_and_what_is_not_asked_for_may_be_long() {
    let long = "x".repeat(2 * MAX_RECORD);
    let (found, result) = read(
        format!("[{{}},\n\"{long}\"]").as_bytes(),
        Shape::Json,
        NAMED,
    );
    assert_eq!(found, records(&[(1, json!({}))]));
    assert_eq!(result, Err(format!("line 2: {TOO_LONG}")));
    let (found, result) = read(
        format!("{{\"logo\": \"{long}\", \"users\": [{{}}]}}").as_bytes(),
        Shape::Json,
        NAMED,
    );
    assert_eq!((found.len(), result), (1, Ok(())));
    let (_, result) = read(format!("a,b\n\"{long}{long}").as_bytes(), Shape::Csv, NAMED);
    assert_eq!(result, Err(TOO_LONG.to_owned()));
}

#[test]
fn the_first_line_of_csv_names_the_columns_or_somebody_else_does() {
    let (found, result) = read(
        b"id, name\n1,\"A, \"\"B\"\"\"\n2,\n3\n4,x",
        Shape::Csv,
        NAMED,
    );
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Ok(json!({"id": "1", "name": "A, \"B\""})));
    assert_eq!(found[1].value, Ok(json!({"id": "2"})));
    assert_eq!(
        (found[2].line, &found[2].value),
        (
            4,
            &Err("it has more or fewer fields than there are columns")
        )
    );
    assert_eq!(found[3].value, Ok(json!({"id": "4", "name": "x"})));
    let (found, result) = read(b"1,x,later,\n2\n", Shape::Csv, KNOWN);
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Ok(json!({"id": "1", "name": "x"})));
    assert_eq!(found[1].value, Ok(json!({"id": "2"})));
}

#[test]
fn two_columns_of_one_name_are_refused_and_what_has_none_means_nothing() {
    let twice = read(b"email,name,email\na,b,c\n", Shape::Csv, NAMED);
    assert_eq!(
        twice,
        (
            vec![],
            Err("line 1: two columns have the same name".to_owned())
        )
    );
    let (found, result) = read(b"email,,\na,b,c\n", Shape::Csv, NAMED);
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Ok(json!({"email": "a"})));
}

#[test]
fn a_quote_that_opens_nothing_is_a_character() {
    for dialect in [KNOWN, NAMED] {
        let (found, result) = read(b"id,name\n1,5\" disk\n2,x,\n", Shape::Csv, dialect);
        assert_eq!(result, Ok(()));
        let first = found.iter().find(|record| record.line == 2).unwrap();
        assert_eq!(first.value, Ok(json!({"id": "1", "name": "5\" disk"})));
    }
}

#[test]
fn what_guards_a_text_from_spreadsheets_is_no_part_of_it() {
    let text = b"\"'id\",\"'name\"\n\"'1\",\"''t Hooft\"\ntrue,x\n";
    let guarded = Dialect {
        guarded: true,
        ..NAMED
    };
    let (found, result) = read(text, Shape::Csv, guarded);
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Ok(json!({"id": "1", "name": "'t Hooft"})));
    assert_eq!(found[1].value, Ok(json!({"id": "true", "name": "x"})));
    let (found, _) = read(text, Shape::Csv, NAMED);
    assert_eq!(
        found[0].value,
        Ok(json!({"'id": "'1", "'name": "''t Hooft"}))
    );
}

#[test]
fn lines_end_as_they_do_elsewhere_and_the_mark_of_utf_8_is_not_text() {
    for (text, shape, dialect) in [
        (
            "{\"id\":\"1\"}\r\n\r\n{\"id\":\"2\"}\r\n",
            Shape::Ndjson,
            NAMED,
        ),
        (
            "[\r\n{\"id\":\"1\"},\r\n{\"id\":\"2\"}\r\n]\r\n",
            Shape::Json,
            NAMED,
        ),
        ("id\r\n1\r\n2\r\n", Shape::Csv, NAMED),
        ("id\r1\r2\r", Shape::Csv, NAMED),
        ("1,,\r\n2,,\r\n", Shape::Csv, KNOWN),
    ] {
        for mark in ["", "\u{feff}"] {
            let (found, result) = read(format!("{mark}{text}").as_bytes(), shape, dialect);
            assert_eq!(result, Ok(()), "{text:?}");
            let values: Vec<_> = found.into_iter().map(|record| record.value).collect();
            let expected = ["1", "2"].map(|id| Ok(json!({ "id": id })));
            assert_eq!(values, expected, "{text:?}");
        }
    }
}

#[test]
fn what_is_no_utf_8_is_told_apart_from_what_is_utf_16() {
    let (found, result) = read(b"id,name\n1,\xe9\n2,x\n", Shape::Csv, NAMED);
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Err("it is no UTF-8"));
    assert_eq!(found[1].value, Ok(json!({"id": "2", "name": "x"})));
    assert_eq!(
        read(b"id,n\xe9me\n1,x\n", Shape::Csv, NAMED).1,
        Err("line 1: the names of the columns are no UTF-8".to_owned())
    );
    let (_, result) = read(b"[{\"id\": \"\xe9\"}]", Shape::Json, NAMED);
    assert_eq!(result, Err("line 1: invalid unicode code point".to_owned()));
    for shape in [Shape::Ndjson, Shape::Json, Shape::Csv] {
        for text in [&b"\xff\xfei\0d\0"[..], b"\xfe\xff\0i\0d"] {
            let said = "line 1: it is written in UTF-16: save it as UTF-8".to_owned();
            assert_eq!(read(text, shape, NAMED), (vec![], Err(said)));
        }
    }
}

#[test]
fn deep_records_do_not_overflow() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    let (found, result) = read(format!("{deep}\n{{}}\n").as_bytes(), Shape::Ndjson, NAMED);
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Err("it is no JSON, or nested too deeply"));
    assert_eq!(found[1].value, Ok(json!({})));
    let (found, result) = read(format!("[{{}},\n{deep}]").as_bytes(), Shape::Json, NAMED);
    assert_eq!(found, records(&[(1, json!({}))]));
    assert_eq!(result, Err("line 2: recursion limit exceeded".to_owned()));
}

#[test]
fn a_file_that_is_cut_off_says_where_and_gives_what_came_before() {
    for (text, shape, dialect, before, line) in [
        ("{\"a\":1}\n{\"a\":", Shape::Ndjson, NAMED, 1, 2),
        ("[{\"a\":1},\n{\"a\":", Shape::Json, NAMED, 1, 2),
        ("[{\"a\":1}", Shape::Json, NAMED, 1, 1),
        ("id,name\n1,x\n2", Shape::Csv, NAMED, 1, 3),
        ("id,name\n1,x\n2,\"x", Shape::Csv, NAMED, 1, 3),
        ("id,name\n1,x\n2,\"x\n", Shape::Csv, NAMED, 1, 3),
        ("id\n1\n\"2", Shape::Csv, NAMED, 1, 3),
        ("1,x,\n2,x", Shape::Csv, KNOWN, 1, 2),
    ] {
        let (found, result) = read(text.as_bytes(), shape, dialect);
        assert_eq!(found.len(), before, "{text}");
        assert_eq!(
            result,
            Err(format!("the file is cut off in line {line}")),
            "{text}"
        );
    }
}

#[test]
fn who_wants_no_more_gets_no_more() {
    for (text, shape) in [
        ("{}\n{}\n", Shape::Ndjson),
        ("[{},{}]", Shape::Json),
        ("a\n1\n2\n3\n", Shape::Csv),
    ] {
        let mut seen = 0;
        let input = Input::of(io::Cursor::new(text.as_bytes()), Extent::default()).unwrap();
        let result = input.read(shape, NAMED, &mut |_| {
            seen += 1;
            false
        });
        assert!(matches!(result, Err(ReadError::Stopped)), "{text}");
        assert_eq!(seen, 1, "{text}");
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        for shape in [Shape::Ndjson, Shape::Json, Shape::Csv] {
            let _ = read(&text, shape, NAMED);
        }
    }

    #[test]
    fn no_mixture_is_too_strange(parts in proptest::collection::vec(
        prop_oneof![Just("{"), Just("}"), Just("["), Just("]"), Just("\""), Just(","), Just("\n"), Just("users"), Just(":"), Just("1")],
        0..40,
    )) {
        let text = parts.concat();
        for shape in [Shape::Ndjson, Shape::Json, Shape::Csv] {
            let _ = read(text.as_bytes(), shape, NAMED);
        }
    }
}
