//! W3C Trace Context: which trace a request belongs to.
//!
//! What a client says is passed on as it is, or, if it could be read in two ways, not at all. Only where the gateway
//! records a span of its own, that takes the place of the client's: a target that named a parent which nobody
//! recorded would stand apart in the trace.

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

impl TraceId {
    pub(crate) const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(formatter, &self.0)
    }
}

/// The trace that a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) id: TraceId,
    /// The gateway's own span, if it is recorded.
    pub(crate) span: Option<OwnSpan>,
}

/// A span of the gateway. Neither ID is all zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnSpan {
    pub(crate) id: [u8; 8],
    /// The client's; `None`: it sent none.
    pub(crate) parent: Option<[u8; 8]>,
}

/// What is done about traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tracing {
    /// Whether a request that belongs to no trace begins one.
    pub(crate) begin: Option<Sampling>,
    /// Whether spans of sampled traces are recorded.
    pub(crate) record: bool,
}

/// What a `traceparent` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parent {
    trace: TraceId,
    span: [u8; 8],
    flags: u8,
}

/// The caller may have recorded its span.
const SAMPLED: u8 = 1;

/// The trace's ID was made at random (Trace Context level 2).
const RANDOM: u8 = 2;

/// Leaves only valid headers about a trace in a request, and begins one where that is wanted and none is there.
/// `unique` is different for every request; what the gateway adds to a trace is made of it.
pub(crate) fn settle(headers: &mut HeaderMap, tracing: Tracing, unique: [u8; 16]) -> Option<Trace> {
    let begin = |headers: &mut HeaderMap| {
        let sampling = tracing.begin?;
        let begun = begun(unique, sampling);
        headers.insert(TRACEPARENT, begun.header());
        Some(Trace {
            id: begun.trace,
            span: (tracing.record && begun.is_sampled()).then_some(OwnSpan {
                id: begun.span,
                parent: None,
            }),
        })
    };
    // Most requests have neither, and looking for both costs more than looking at all names.
    if !headers
        .keys()
        .any(|name| name.as_str().starts_with("trace"))
    {
        return begin(headers);
    }
    let mut lines = headers.get_all(TRACEPARENT).iter();
    match (lines.next(), lines.next()) {
        (Some(only), None) => {
            if let Some(parent) = parse(only.as_bytes()) {
                if !is_valid_state(headers) {
                    headers.remove(TRACESTATE);
                }
                return Some(parent.joined(headers, tracing.record, unique));
            }
            headers.remove(TRACEPARENT);
        }
        (Some(_), Some(_)) => {
            headers.remove(TRACEPARENT);
        }
        (None, _) => {}
    }
    headers.remove(TRACESTATE);
    begin(headers)
}

/// The head of a new trace.
fn begun(unique: [u8; 16], sampling: Sampling) -> Parent {
    let [first, second] = halves(unique);
    // Requests are counted, but whoever samples by the id takes its second half for an even spread.
    let spread = mix(second);
    let id = (u128::from(first) << 64 | u128::from(spread)).max(1);
    Parent {
        trace: TraceId(id.to_be_bytes()),
        span: span_id(unique),
        flags: if sampling.takes(spread) { SAMPLED } else { 0 },
    }
}

fn span_id(unique: [u8; 16]) -> [u8; 8] {
    let [first, second] = halves(unique);
    mix(first ^ mix(second)).max(1).to_be_bytes()
}

impl Parent {
    const fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The trace it belongs to. If a span of ours is recorded, that is what the target is told of, in the one version whose
    /// every field is known.
    fn joined(self, headers: &mut HeaderMap, record: bool, unique: [u8; 16]) -> Trace {
        let span = (record && self.is_sampled()).then(|| OwnSpan {
            id: span_id(unique),
            parent: Some(self.span),
        });
        if let Some(OwnSpan { id, .. }) = span {
            let ours = Self { span: id, ..self };
            headers.insert(TRACEPARENT, ours.header());
        }
        Trace {
            id: self.trace,
            span,
        }
    }

    fn header(self) -> HeaderValue {
        let Self { trace, span, flags } = self;
        let (span, flags) = (u64::from_be_bytes(span), flags & (SAMPLED | RANDOM));
        // Only digits, letters and `-` are in it, so it always fits.
        HeaderValue::try_from(format!("00-{trace}-{span:016x}-{flags:02x}"))
            .unwrap_or(HeaderValue::from_static(""))
    }
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
fn parse(value: &[u8]) -> Option<Parent> {
    let (known, more) = value.split_at_checked(55)?;
    let dashes = [2, 35, 52].iter().all(|place| known[*place] == b'-');
    let version = digits::<1>(&known[..2])?;
    let trace = digits::<16>(&known[3..35])?;
    let parent = digits::<8>(&known[36..52])?;
    let [flags] = digits::<1>(&known[53..])?;
    let ends = match version {
        [0xff] => false,
        [0] => more.is_empty(),
        _ => matches!(more, [] | [b'-', ..]),
    };
    (dashes && ends && trace != [0; 16] && parent != [0; 8]).then_some(Parent {
        trace: TraceId(trace),
        span: parent,
        flags,
    })
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
mod tests;
