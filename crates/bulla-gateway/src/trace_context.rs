//! W3C Trace Context: which trace a request belongs to.
//!
//! The gateway shows no span of its own, so it does not put itself between a client's span and its target's: what a
//! client says is passed on as it is, or, if it could be read in two ways, not at all.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Entries that a `tracestate` may have.
const MAX_ENTRIES: usize = 32;

const MILLION: u32 = 1_000_000;

/// Which of the traces that the gateway begins are to be recorded, by the services that do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling(u32);

/// Too many parts of a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a share is at most 1000000 parts of a million")]
pub struct InvalidSampling;

impl Sampling {
    /// So many of a million.
    ///
    /// # Errors
    /// More than all of them.
    pub const fn of_a_million(parts: u32) -> Result<Self, InvalidSampling> {
        if parts > MILLION {
            return Err(InvalidSampling);
        }
        Ok(Self(parts))
    }

    fn takes(self, number: u64) -> bool {
        (u128::from(number) * u128::from(MILLION)) >> 64 < u128::from(self.0)
    }
}

/// A trace, never that of all zeros. Shown as in logs: 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceId([u8; 16]);

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(formatter, &self.0)
    }
}

/// Leaves only valid headers about a trace in a request, and begins one where that is wanted and none is there.
/// `unique` is different for every request; the trace of a request without one is made of it.
pub(crate) fn settle(
    headers: &mut HeaderMap,
    begin: Option<Sampling>,
    unique: [u8; 16],
) -> Option<TraceId> {
    // Most requests have neither, and looking for both costs more than looking at all names.
    if !headers
        .keys()
        .any(|name| name.as_str().starts_with("trace"))
    {
        return begin.map(|sampling| begin_trace(headers, unique, sampling));
    }
    let mut lines = headers.get_all(TRACEPARENT).iter();
    match (lines.next(), lines.next()) {
        (Some(only), None) => {
            if let Some(trace) = parse(only.as_bytes()) {
                if !is_valid_state(headers) {
                    headers.remove(TRACESTATE);
                }
                return Some(trace);
            }
            headers.remove(TRACEPARENT);
        }
        (Some(_), Some(_)) => {
            headers.remove(TRACEPARENT);
        }
        (None, _) => {}
    }
    headers.remove(TRACESTATE);
    begin.map(|sampling| begin_trace(headers, unique, sampling))
}

fn begin_trace(headers: &mut HeaderMap, unique: [u8; 16], sampling: Sampling) -> TraceId {
    let (trace, value) = begun(unique, sampling);
    headers.insert(TRACEPARENT, value);
    trace
}

/// A new trace, and its `traceparent`.
fn begun(unique: [u8; 16], sampling: Sampling) -> (TraceId, HeaderValue) {
    let [first, second] = halves(unique);
    // Requests are counted, but whoever samples by the id takes its second half for an even spread.
    let spread = mix(second);
    let id = (u128::from(first) << 64 | u128::from(spread)).max(1);
    let trace = TraceId(id.to_be_bytes());
    let parent = mix(first ^ spread).max(1);
    let flags = u8::from(sampling.takes(spread));
    let text = format!("00-{trace}-{parent:016x}-{flags:02x}");
    // Only digits, letters and `-` are in it, so it always fits.
    let value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    (trace, value)
}

fn halves(bytes: [u8; 16]) -> [u64; 2] {
    let both = u128::from_be_bytes(bytes);
    [(both >> 64) as u64, both as u64]
}

/// Spreads numbers that follow each other over all that there are, no two onto one (the finalizer of SplitMix64).
const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Reads a `traceparent`: `version-trace-parent-flags`, lower case. Version 00 has nothing behind the flags, later ones
/// may have more, after a `-`; version ff there is none.
fn parse(value: &[u8]) -> Option<TraceId> {
    let (known, more) = value.split_at_checked(55)?;
    let dashes = [2, 35, 52].iter().all(|place| known[*place] == b'-');
    let version = digits::<1>(&known[..2])?;
    let trace = digits::<16>(&known[3..35])?;
    let parent = digits::<8>(&known[36..52])?;
    digits::<1>(&known[53..])?;
    let ends = match version {
        [0xff] => false,
        [0] => more.is_empty(),
        _ => matches!(more, [] | [b'-', ..]),
    };
    (dashes && ends && trace != [0; 16] && parent != [0; 8]).then_some(TraceId(trace))
}

fn digits<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// Whether all lines of `tracestate` together are a list of different keys with values.
fn is_valid_state(headers: &HeaderMap) -> bool {
    let mut keys: Vec<&[u8]> = Vec::new();
    for line in headers.get_all(TRACESTATE) {
        for entry in line.as_bytes().split(|byte| *byte == b',') {
            let entry = entry.trim_ascii();
            if entry.is_empty() {
                continue;
            }
            let Some(equals) = entry.iter().position(|byte| *byte == b'=') else {
                return false;
            };
            let (key, value) = (&entry[..equals], &entry[equals + 1..]);
            let valid = is_key(key) && is_value(value) && !keys.contains(&key);
            if !valid || keys.len() == MAX_ENTRIES {
                return false;
            }
            keys.push(key);
        }
    }
    true
}

/// `system`, or `tenant@system`.
fn is_key(key: &[u8]) -> bool {
    let name = |name: &[u8], longest: usize, digit_first: bool| {
        let first = |byte: &u8| byte.is_ascii_lowercase() || (digit_first && byte.is_ascii_digit());
        let other = |byte: &u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(byte)
        };
        name.len() <= longest && name.first().is_some_and(first) && name.iter().all(other)
    };
    match key.iter().position(|byte| *byte == b'@') {
        None => name(key, 256, false),
        Some(at) => name(&key[..at], 241, true) && name(&key[at + 1..], 14, false),
    }
}

fn is_value(value: &[u8]) -> bool {
    let printable = |byte: &u8| (b' '..=b'~').contains(byte) && *byte != b',' && *byte != b'=';
    (1..=256).contains(&value.len()) && value.iter().all(printable)
}

fn write_hex(formatter: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// What is left of these lines.
    fn left(lines: &[(&'static str, &str)], begin: Option<Sampling>) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let trace = settle(&mut headers, begin, [7; 16]);
        assert_eq!(trace.is_some(), headers.contains_key(TRACEPARENT));
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        headers.values().map(text).collect()
    }

    #[test]
    fn what_is_valid_is_passed_on_as_it_is() {
        let later = format!("cc{}-what-the-future-brings", &PARENT[2..]);
        for parent in [PARENT, &later, &format!("01{}", &PARENT[2..])] {
            assert_eq!(left(&[("traceparent", parent)], None), [parent]);
        }
        assert_eq!(parse(PARENT.as_bytes()).unwrap().to_string(), PARENT[3..35]);
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
    fn a_share_is_spread_over_requests_that_follow_each_other() {
        let tenth = Sampling::of_a_million(MILLION / 10).unwrap();
        let sampled = (0..10_000_u128)
            .filter(|number| {
                let (_, value) = begun((1 << 64 | number).to_be_bytes(), tenth);
                value.to_str().unwrap().ends_with("-01")
            })
            .count();
        assert!((900..1100).contains(&sampled), "{sampled}");
    }
}
