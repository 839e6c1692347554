//! Records made into a request.

use bulla_core::account::CustomClaims;
use bulla_server::admin::{ImportRequest, PortableUser};
use bytes::Bytes;
use serde_json::Value;

use crate::import::{Converted, Skip, format::Format, reader::Record};

/// What is around the users of a request.
const BEFORE: &[u8] = b"{\"users\":[";
const AFTER: [&[u8]; 2] = [b"]}", b"],\"rehearsal\":true}"];

/// The most records of a part. What touches many pages once is written sooner than what touches them again and again;
/// but a server writes nothing else meanwhile.
pub(super) const fn most_records(is_alone: bool) -> usize {
    match is_alone {
        true => 8000,
        false => 1000,
    }
}

/// Longer ones are no names.
const MAX_NAME: usize = 512;

/// The most bytes of a user, of whom more is said than anything is taken of.
const MAX_USER: usize = 60 << 10;

/// A request that is being written, and which records it is of.
pub(super) struct Part {
    rehearsal: bool,
    most_records: usize,
    request: Vec<u8>,
    records: Vec<Taken>,
}

/// A record that was taken into a part.
pub(super) struct Taken {
    pub(super) line: u64,
    /// What it is known by where it comes from, if it says so.
    pub(super) known_by: Option<String>,
    pub(super) sent: Result<Sent, Skip>,
}

/// What must still be known of a user who was sent.
pub(super) struct Sent {
    /// What they are known by where they come from, or a name.
    pub(super) who: Option<String>,
    pub(super) email: Option<String>,
    pub(super) username: Option<String>,
    pub(super) has_password: bool,
    pub(super) notes: Vec<String>,
}

impl Part {
    pub(super) fn new(rehearsal: bool, most_records: usize) -> Self {
        Self {
            rehearsal,
            most_records,
            request: BEFORE.to_vec(),
            records: Vec::new(),
        }
    }

    /// Takes a record. What was taken before, if it does not fit beside it.
    pub(super) fn take(&mut self, record: Record, format: &dyn Format) -> Option<Self> {
        let Record { line, value } = record;
        let known_by = value.as_ref().ok().and_then(known_by);
        let converted = value.map_err(malformed);
        let converted = converted.and_then(|record| format.convert(record));
        let written = converted.and_then(written);
        let more = written.as_ref().map_or(0, |(json, _)| json.len());
        let is_full = self.request.len() + more + 1 + AFTER[1].len() > ImportRequest::MAX_BYTES
            || self.records.len() == self.most_records;
        let full =
            is_full.then(|| std::mem::replace(self, Self::new(self.rehearsal, self.most_records)));
        let sent = written.map(|(json, sent)| {
            self.request.extend(json);
            self.request.push(b',');
            sent
        });
        self.records.push(Taken {
            line,
            known_by,
            sent,
        });
        full
    }

    /// The request, if there is anybody in it; and all records with their lines.
    pub(super) fn finish(mut self) -> (Option<Bytes>, Vec<Taken>) {
        if self.request.pop_if(|last| *last == b',').is_none() {
            return (None, self.records);
        }
        self.request
            .extend_from_slice(AFTER[usize::from(self.rehearsal)]);
        (Some(self.request.into()), self.records)
    }
}

/// Whatever system it comes from, by one of these it is found again.
fn known_by(record: &Value) -> Option<String> {
    const NAMES: [&str; 9] = [
        "source", "user_id", "Id", "localId", "id", "alt_id", "email", "Email", "username",
    ];
    let mut names = NAMES.iter().filter_map(|name| record[name].as_str());
    let found = names.find(|text| !text.is_empty() && text.len() <= MAX_NAME);
    found
        .or_else(|| record["_id"]["$oid"].as_str())
        .map(str::to_owned)
}

fn malformed(detail: impl Into<String>) -> Skip {
    Skip::new("record_malformed", detail)
}

/// A user as JSON that stops no other.
fn written(converted: Converted) -> Result<(Vec<u8>, Sent), Skip> {
    let Converted { mut user, notes } = converted;
    // What is nested too deeply is no request.
    let claims = CustomClaims::new(std::mem::take(&mut user.claims));
    let claims = claims.map_err(|error| Skip::new("claims_invalid", error.to_string()))?;
    user.claims = claims.into_map();
    let json = serde_json::to_vec(&user).map_err(|error| malformed(error.to_string()))?;
    if json.len() > MAX_USER {
        return Err(malformed("the user is larger than 60 KiB"));
    }
    let PortableUser {
        id,
        source,
        email,
        username,
        password_hash,
        ..
    } = user;
    let who = source.or(id).or_else(|| email.clone());
    let sent = Sent {
        who: who.or_else(|| username.clone()),
        email,
        username,
        has_password: password_hash.is_some(),
        notes,
    };
    Ok((json, sent))
}
