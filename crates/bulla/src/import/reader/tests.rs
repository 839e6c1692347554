use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(text: &[u8], shape: Shape, columns: Option<&[&str]>) -> (Vec<Record>, Result<(), String>) {
    let input = Input::of(io::Cursor::new(text.to_vec()));
    let mut records = Vec::new();
    let result = input.read(shape, columns, &mut |record| {
        records.push(record);
        true
    });
    (records, result.map_err(|error| error.to_string()))
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
        let mut input = Input::of(io::Cursor::new(text.as_bytes()));
        assert_eq!(input.shape().unwrap(), shape, "{text}");
    }
    let of_name = |name| Shape::of_name(Path::new(name));
    assert_eq!(of_name("a.csv"), Some(Shape::Csv));
    assert_eq!(of_name("a.jsonl"), Some(Shape::Ndjson));
    assert_eq!((of_name("a.json"), of_name("-")), (None, None));
}

#[test]
fn a_line_is_a_record_and_one_that_is_none_stops_no_other() {
    let text = b"{\"a\":1}\n\n  \nnonsense\n\xff\n{\"a\":2}";
    let (found, result) = read(text, Shape::Ndjson, None);
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
    let (found, result) = read(long.as_bytes(), Shape::Ndjson, None);
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
        let (found, result) = read(text.as_bytes(), Shape::Json, None);
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
            read(text.as_bytes(), Shape::Json, None).1,
            Err(said.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn a_record_without_end_is_not_read_to_its_end_and_what_is_not_asked_for_may_be_long() {
    let long = "x".repeat(2 * MAX_RECORD);
    let (found, result) = read(format!("[{{}},\n\"{long}\"]").as_bytes(), Shape::Json, None);
    assert_eq!(found, records(&[(1, json!({}))]));
    assert_eq!(result, Err(format!("line 2: {TOO_LONG}")));
    let (found, result) = read(
        format!("{{\"logo\": \"{long}\", \"users\": [{{}}]}}").as_bytes(),
        Shape::Json,
        None,
    );
    assert_eq!((found.len(), result), (1, Ok(())));
    let (_, result) = read(format!("a,b\n\"{long}{long}").as_bytes(), Shape::Csv, None);
    assert_eq!(result, Err(TOO_LONG.to_owned()));
}

#[test]
fn the_first_line_of_csv_names_the_columns_or_somebody_else_does() {
    let (found, result) = read(
        b"id, name\n1,\"A, \"\"B\"\"\"\n2,\n3\n4,x",
        Shape::Csv,
        None,
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
    let (found, result) = read(b"1,x,y,\n2\n", Shape::Csv, Some(&["id", "", "name"]));
    assert_eq!(result, Ok(()));
    assert_eq!(found[0].value, Ok(json!({"id": "1", "": "x", "name": "y"})));
    assert_eq!(found[1].value, Ok(json!({"id": "2"})));
}

#[test]
fn a_file_that_is_cut_off_says_where_and_gives_what_came_before() {
    let columns: &[&str] = &["id", "name"];
    for (text, shape, columns, before, line) in [
        ("{\"a\":1}\n{\"a\":", Shape::Ndjson, None, 1, 2),
        ("[{\"a\":1},\n{\"a\":", Shape::Json, None, 1, 2),
        ("[{\"a\":1}", Shape::Json, None, 1, 1),
        ("id,name\n1,x\n2", Shape::Csv, None, 1, 3),
        ("id,name\n1,x\n2,\"x", Shape::Csv, None, 1, 3),
        ("1,x,\n2,x", Shape::Csv, Some(columns), 1, 2),
    ] {
        let (found, result) = read(text.as_bytes(), shape, columns);
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
        let input = Input::of(io::Cursor::new(text.as_bytes()));
        let result = input.read(shape, None, &mut |_| {
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
            let _ = read(&text, shape, None);
        }
    }

    #[test]
    fn no_mixture_is_too_strange(parts in proptest::collection::vec(
        prop_oneof![Just("{"), Just("}"), Just("["), Just("]"), Just("\""), Just(","), Just("\n"), Just("users"), Just(":"), Just("1")],
        0..40,
    )) {
        let text = parts.concat();
        for shape in [Shape::Ndjson, Shape::Json, Shape::Csv] {
            let _ = read(text.as_bytes(), shape, None);
        }
    }
}
