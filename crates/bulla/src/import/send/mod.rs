//! Records in parts to the admin API.

mod part;
mod rehearsal;

use anyhow::{Context, anyhow};
use bulla_server::admin::ImportResults;
use tokio::{sync::mpsc, task::spawn_blocking};

use self::{
    part::{Part, Sent, Taken, most_records},
    rehearsal::Made,
};
use super::{
    Source,
    progress::Progress,
    reader::ReadError,
    report::{Report, Subject},
};
use crate::admin_api::AdminApi;

/// Parts that wait while one is being sent.
const WAITING: usize = 2;

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
    let mut progress = Progress::of(source.input.extent.clone());
    let part = Part::new(rehearsal, most_records(api.is_alone()));
    let reading = spawn_blocking(move || read(source, part, &parts));
    let mut made = rehearsal.then(Made::default);
    while let Some(part) = waiting.recv().await {
        send_part(api, part, made.as_mut(), report).await?;
        progress.show(report);
    }
    drop(progress);
    match reading.await.context("the reader has failed")? {
        Ok(()) => Ok(()),
        Err(error) => Err(anyhow!(error)),
    }
}

fn read(source: Source, mut part: Part, parts: &mpsc::Sender<Part>) -> Result<(), ReadError> {
    let Source {
        input,
        format,
        shape,
    } = source;
    let read = input.read(shape, format.dialect(), &mut |record| {
        let full = part.take(record, &*format);
        full.is_none_or(|full| parts.blocking_send(full).is_ok())
    });
    // What came before the end, or before the cut.
    if parts.blocking_send(part).is_err() {
        return Err(ReadError::Stopped);
    }
    read
}

async fn send_part(
    api: &AdminApi,
    part: Part,
    mut made: Option<&mut Made>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut results = Vec::new();
    let (request, records) = part.finish();
    if let Some(request) = request {
        let answer = api.post("/admin/import", request).await?;
        let answer: ImportResults = serde_json::from_slice(&answer)?;
        results = answer.results;
    }
    let mut results = results.into_iter();
    for taken in records {
        let Taken {
            line,
            known_by,
            sent,
        } = taken;
        let subject = |who| Subject { line, who };
        match sent {
            Err(skip) => report.skip(&subject(known_by.as_deref()), &skip)?,
            Ok(sent) => {
                let result = results.next();
                let mut result = result.context("the server has left out an answer")?;
                if let Some(made) = &mut made {
                    result = made.judge(result, &sent);
                }
                let Sent { who, notes, .. } = &sent;
                let subject = subject(who.as_deref());
                report.take(&subject, &result, sent.has_password, notes)?;
            }
        }
    }
    Ok(())
}
