use super::*;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What is left of these lines where no span is recorded.
fn left(lines: &[(&'static str, &str)], begin: Option<Sampling>) -> Vec<String> {
    let (trace, left) = settled(lines, begin, false);
    assert!(trace.is_none_or(|trace| trace.span.is_none()));
    left
}

fn settled(
    lines: &[(&'static str, &str)],
    begin: Option<Sampling>,
    record: bool,
) -> (Option<Trace>, Vec<String>) {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    let trace = settle(&mut headers, Tracing { begin, record }, [7; 16]);
    assert_eq!(trace.is_some(), headers.contains_key(TRACEPARENT));
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    (trace, headers.values().map(text).collect())
}

#[test]
fn what_is_valid_is_passed_on_as_it_is() {
    let later = format!("cc{}-what-the-future-brings", &PARENT[2..]);
    for parent in [PARENT, &later, &format!("01{}", &PARENT[2..])] {
        assert_eq!(left(&[("traceparent", parent)], None), [parent]);
    }
    let parent = parse(PARENT.as_bytes()).unwrap();
    assert_eq!(parent.trace.to_string(), PARENT[3..35]);
}

#[test]
fn what_is_not_valid_is_dropped_and_its_state_too() {
    for parent in [
        "",
        "00",
        &PARENT[..54],
        &PARENT.to_uppercase(),
        &format!("{PARENT}-"),
        &format!("{PARENT}0"),
        &format!("cc{}0", &PARENT[2..]),
        &PARENT.replacen("00-", "ff-", 1),
        &PARENT.replacen("00-", "0x-", 1),
        &PARENT.replace('-', "_"),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
    ] {
        let lines = [("traceparent", parent), ("tracestate", "a=1")];
        assert_eq!(left(&lines, None), [""; 0], "{parent}");
    }
    let twice = [("traceparent", PARENT), ("traceparent", PARENT)];
    assert_eq!(left(&twice, None), [""; 0]);
    assert_eq!(left(&[("tracestate", "a=1")], None), [""; 0]);
}

#[test]
fn a_state_that_is_not_valid_takes_no_trace_with_it() {
    let many = |entries: usize| {
        let entry = |number| format!("k{number}=1");
        (0..entries).map(entry).collect::<Vec<_>>().join(",")
    };
    let with = |state: &str| left(&[("traceparent", PARENT), ("tracestate", state)], None);
    for state in ["a=1", "a=1, b=2 ,,", "1a@b=x y", "a_-*/0=!", "", &many(32)] {
        assert_eq!(with(state), [PARENT, state], "{state}");
    }
    for state in [
        "a",
        "=1",
        "a=",
        "a=1,a=2",
        "A=1",
        "1a=1",
        "a@1b=1",
        "a=b=c",
        "@a=1",
        "a=\u{e9}",
        &many(33),
    ] {
        assert_eq!(with(state), [PARENT], "{state}");
    }
}

#[test]
fn a_trace_is_begun_where_there_is_none() {
    let all = Sampling::of_a_million(MILLION).unwrap();
    let none = Sampling::of_a_million(0).unwrap();
    for (begin, flags) in [(all, "-01"), (none, "-00")] {
        let left = left(&[], Some(begin));
        assert!(parse(left[0].as_bytes()).is_some() && left[0].ends_with(flags));
    }
    assert_eq!(left(&[("traceparent", PARENT)], Some(all)), [PARENT]);
    assert!(Sampling::of_a_million(MILLION + 1).is_err());
}

#[test]
fn a_span_of_ours_takes_the_place_of_the_clients_only_if_the_trace_is_sampled() {
    let (trace, left) = settled(
        &[("traceparent", PARENT), ("tracestate", "a=1")],
        None,
        true,
    );
    let span = trace.unwrap().span.unwrap();
    assert_eq!(span.parent, Some(0xb7ad_6b71_6920_3331_u64.to_be_bytes()));
    let ours = format!("{}-{:016x}-01", &PARENT[..35], u64::from_be_bytes(span.id));
    assert_eq!(left, [ours, "a=1".to_owned()]);

    // Of a later version, what is known of it.
    for (flags, known) in [("-03", "-03"), ("-ff", "-03"), ("-fd", "-01")] {
        let later = format!("cc{}{flags}-more", &PARENT[2..52]);
        let (_, left) = settled(&[("traceparent", &later)], None, true);
        assert!(left[0].starts_with(&PARENT[..36]), "{left:?}");
        assert!(left[0].ends_with(known), "{left:?}");
    }

    let unsampled = PARENT.replace("-01", "-02");
    let (trace, left) = settled(&[("traceparent", &unsampled)], None, true);
    assert_eq!((trace.unwrap().span, left), (None, vec![unsampled]));
}

#[test]
fn a_trace_begins_with_a_span_of_ours_if_it_is_recorded() {
    for (parts, sampled) in [(MILLION, true), (0, false)] {
        let share = Sampling::of_a_million(parts).unwrap();
        let (trace, left) = settled(&[], Some(share), true);
        let span = trace.unwrap().span;
        assert_eq!(span.is_some(), sampled);
        if let Some(span) = span {
            assert_eq!(span.parent, None);
            assert_eq!(parse(left[0].as_bytes()).unwrap().span, span.id);
        }
    }
    assert_eq!(settled(&[], None, true), (None, Vec::new()));
}

#[test]
fn a_share_is_spread_over_requests_that_follow_each_other() {
    let tenth = Sampling::of_a_million(MILLION / 10).unwrap();
    let sampled = (0..10_000_u128)
        .filter(|number| begun((1 << 64 | number).to_be_bytes(), tenth).is_sampled())
        .count();
    assert!((900..1100).contains(&sampled), "{sampled}");
}
