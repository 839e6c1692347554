//! Records in parts to the admin API.

use std::collections::HashSet;

use anyhow::{Context, anyhow};
use bulla_core::account::{Email, Username};
use bulla_server::admin::{ImportRequest, ImportResults, PortableUser};
use http::Method;
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    Converted, Skip, Source,
    progress::Progress,
    reader::ReadError,
    report::{Report, Subject},
};
use crate::admin_api::AdminApi;

/// The most bytes of users in a part: the API takes 64 KiB.
const MAX_PART: usize = 60 << 10;

/// Parts that wait while one is being sent.
const WAITING: usize = 2;

/// A record that was read, on its way.
struct Entry {
    line: u64,
    converted: Result<Converted, Skip>,
}

/// Reads the source to its end and sends what it has.
///
/// # Errors
/// It cannot be read to its end, or the API failed. What was sent before is made.
pub(crate) async fn send(
    api: &AdminApi,
    source: Source,
    rehearsal: bool,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (parts, mut waiting) = mpsc::channel(WAITING);
    let reading = spawn_blocking(move || read(source, rehearsal, &parts));
    let mut progress = Progress::new();
    while let Some(part) = waiting.recv().await {
        send_part(api, part, rehearsal, report).await?;
        progress.show(|| report.line());
    }
    drop(progress);
    match reading.await.context("the reader has failed")? {
        Ok(()) => Ok(()),
        Err(error) => Err(anyhow!(error)),
    }
}

fn read(
    source: Source,
    rehearsal: bool,
    parts: &mpsc::Sender<Vec<Entry>>,
) -> Result<(), ReadError> {
    let Source {
        input,
        format,
        shape,
    } = source;
    let mut part = Vec::new();
    let mut bytes = 0;
    let mut names = rehearsal.then(Names::default);
    let read = input.read(shape, format.columns(), &mut |record| {
        let malformed = |detail| Skip::new("record_malformed", detail);
        let converted = record.value.map_err(malformed);
        let converted = converted.and_then(|value| format.convert(value));
        let converted = converted.and_then(|converted| match &mut names {
            Some(names) => names.check(converted),
            None => Ok(converted),
        });
        let (converted, size) = sized(converted);
        if bytes + size > MAX_PART && !part.is_empty() {
            bytes = 0;
            if parts.blocking_send(std::mem::take(&mut part)).is_err() {
                return false;
            }
        }
        bytes += size;
        let line = record.line;
        part.push(Entry { line, converted });
        true
    });
    // What came before the end, or before the cut.
    if parts.blocking_send(part).is_err() {
        return Err(ReadError::Stopped);
    }
    read
}

/// With its size as JSON.
fn sized(converted: Result<Converted, Skip>) -> (Result<Converted, Skip>, usize) {
    match converted {
        Ok(converted) => match serde_json::to_vec(&converted.user) {
            Ok(json) if json.len() < MAX_PART => (Ok(converted), json.len() + 1),
            _ => (
                Err(Skip::new(
                    "record_malformed",
                    "the user is larger than 60 KiB",
                )),
                0,
            ),
        },
        // Of these there may be many at no cost, but not without end.
        Err(skip) => (Err(skip), 64),
    }
}

async fn send_part(
    api: &AdminApi,
    part: Vec<Entry>,
    rehearsal: bool,
    report: &mut Report,
) -> anyhow::Result<()> {
    let converted = part
        .iter()
        .filter_map(|entry| entry.converted.as_ref().ok());
    let users: Vec<_> = converted.map(|converted| converted.user.clone()).collect();
    let mut results = Vec::new();
    if !users.is_empty() {
        let request = serde_json::to_value(ImportRequest { users, rehearsal })?;
        let answer = api
            .call(Method::POST, "/admin/import", Some(&request))
            .await?;
        let answer: ImportResults = serde_json::from_value(answer)?;
        results = answer.results;
    }
    let mut results = results.iter();
    for entry in &part {
        let subject = |who| Subject {
            line: entry.line,
            who,
        };
        match &entry.converted {
            Err(skip) => report.skip(&subject(None), skip)?,
            Ok(Converted { user, notes }) => {
                let result = results
                    .next()
                    .context("the server has left out an answer")?;
                let names = [&user.source, &user.id, &user.email, &user.username];
                let who = names.into_iter().flatten().next();
                let subject = subject(who.map(String::as_str));
                report.take(&subject, result, user.password_hash.is_some(), notes)?;
            }
        }
    }
    Ok(())
}

/// Who was there before in a rehearsal, of which the server keeps nothing: what their names look like, in eight bytes each.
#[derive(Default)]
struct Names(HashSet<u64>);

impl Names {
    fn check(&mut self, converted: Converted) -> Result<Converted, Skip> {
        let PortableUser {
            email, username, ..
        } = &converted.user;
        let email = email.as_deref().and_then(|text| Email::parse(text).ok());
        let username = username
            .as_deref()
            .and_then(|text| Username::parse(text).ok());
        if email.is_some_and(|email| !self.is_first("email", &email.likeness())) {
            return Err(Skip::new(
                "email_taken",
                "a record before it has the email address, or one that looks like it",
            ));
        }
        if username.is_some_and(|name| !self.is_first("username", &name.likeness())) {
            return Err(Skip::new(
                "username_taken",
                "a record before it has the user name, or one that looks like it",
            ));
        }
        Ok(converted)
    }

    fn is_first(&mut self, kind: &str, likeness: &str) -> bool {
        use std::hash::BuildHasher;
        let key = self.0.hasher().hash_one((kind, likeness));
        self.0.insert(key)
    }
}
