//! `bulla doctor`.

use std::process::ExitCode;

use anyhow::Context;
use bulla_core::account::Email;
use bulla_server::{
    admin::ExamineRequest,
    doctor::{AreaReport, Code, Report, Severity},
};
use http::Method;

use super::Global;
use crate::{
    admin_api::AdminApi,
    compose::{self, doctor},
};

const EXAMPLES: &str = "\
Examples:
  bulla doctor                          of the server that runs in this folder, or would
  bulla doctor --send-test you@example.com
  bulla doctor --ignore password_short  without what you know and accept
  bulla doctor --json | jq '.areas[].findings[] | .code'

It changes nothing, and shows no secret. docs/doctor.md lists every code.
Exit codes: 0 nothing worse than advice, 1 a warning or an error, 2 wrong usage.";

/// The flags of `bulla doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A finding that you know and accept, by its code; any number of times
    #[arg(long = "ignore", value_name = "CODE", value_parser = code)]
    accepted: Vec<Code>,
    /// Send a letter to this address, to try mail out
    #[arg(long, value_name = "ADDRESS", value_parser = Email::parse)]
    send_test: Option<Email>,
}

/// Looks at everything.
///
/// # Errors
/// A server runs here and does not answer.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let report = compose::run(async {
        match AdminApi::of_running_server().await? {
            Some(api) => {
                let request = ExamineRequest {
                    letter_to: args.send_test.as_ref().map(|to| to.as_str().to_owned()),
                };
                let request = serde_json::to_value(request)?;
                let answer = api.call(Method::POST, "/admin/doctor", Some(&request));
                let answer = answer.await?;
                serde_json::from_value(answer).context("the server's report cannot be read")
            }
            None => {
                let sources = global.config_sources(Vec::new());
                Ok(doctor::at_rest(sources, args.send_test.clone()).await)
            }
        }
    })?;
    let report: Report = report.without(&args.accepted);
    let verdict = match report.severity {
        Severity::Ok | Severity::Advice => ExitCode::SUCCESS,
        Severity::Warning | Severity::Error => ExitCode::FAILURE,
    };
    let value = serde_json::to_value(&report)?;
    global.output().print(&value, |_| screen(&report))?;
    Ok(verdict)
}

fn code(name: &str) -> Result<Code, String> {
    name.parse()
        .map_err(|_| "no finding has this code".to_owned())
}

fn screen(report: &Report) -> String {
    let mut lines: Vec<_> = report.areas.iter().flat_map(of_area).collect();
    lines.push(match report.severity {
        Severity::Ok => "Nothing was found.".to_owned(),
        Severity::Advice => "Nothing worse than advice was found.".to_owned(),
        Severity::Warning => "There are warnings.".to_owned(),
        Severity::Error => "There are errors.".to_owned(),
    });
    lines.join("\n")
}

fn of_area(report: &AreaReport) -> Vec<String> {
    let area = report.area.as_str();
    if report.findings.is_empty() {
        return vec![format!(
            "{:<9}{area}: {}",
            Severity::Ok.as_str(),
            report.seen
        )];
    }
    let findings = report.findings.iter();
    let lines = findings.map(|finding| {
        let (severity, code) = (finding.severity.as_str(), finding.code);
        let (detail, remedy) = (&finding.detail, &finding.remedy);
        format!("{severity:<9}{area}: {detail} ({code})\n         -> {remedy}")
    });
    lines.collect()
}
