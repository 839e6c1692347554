//! What was found, area by area: the message of `POST /admin/doctor` and of `bulla doctor --json`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Area, Code, Severity};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorReport)]
pub struct Report {
    /// That of the worst finding.
    pub severity: Severity,
    /// Everything that was looked at.
    pub areas: Vec<AreaReport>,
}

/// What was found in one area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreaReport {
    /// Which.
    pub area: Area,
    /// That of the worst finding.
    pub severity: Severity,
    /// What was looked at, in a few words.
    pub seen: String,
    /// In no particular order.
    pub findings: Vec<Finding>,
}

/// Something to know, or to do something about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What it is; stable.
    #[schema(value_type = String)]
    pub code: Code,
    /// How bad it is: always the same for a code.
    pub severity: Severity,
    /// What was found, in words that may change. Holds no secret.
    pub detail: String,
    /// What to do, in words that may change.
    pub remedy: String,
}

impl Finding {
    /// What was found: a clause, with neither a capital nor a full stop.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            detail: detail.into(),
            remedy: code.remedy().to_owned(),
        }
    }
}

impl AreaReport {
    /// What was found there.
    pub fn new(area: Area, seen: impl Into<String>, findings: Vec<Finding>) -> Self {
        Self {
            area,
            severity: worst(findings.iter().map(|finding| finding.severity)),
            seen: seen.into(),
            findings,
        }
    }
}

impl Report {
    /// Of these areas.
    #[must_use]
    pub fn new(areas: Vec<AreaReport>) -> Self {
        Self {
            severity: worst(areas.iter().map(|area| area.severity)),
            areas,
        }
    }

    /// The same without what is known and accepted.
    #[must_use]
    pub fn without(self, accepted: &[Code]) -> Self {
        let areas = self.areas.into_iter().map(|mut area| {
            area.findings
                .retain(|finding| !accepted.contains(&finding.code));
            AreaReport::new(area.area, area.seen, area.findings)
        });
        Self::new(areas.collect())
    }
}

fn worst(severities: impl Iterator<Item = Severity>) -> Severity {
    severities.max().unwrap_or(Severity::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(codes: &[Code]) -> Report {
        let findings = codes.iter().map(|code| Finding::new(*code, "found"));
        Report::new(vec![
            AreaReport::new(Area::Disk, "fine", Vec::new()),
            AreaReport::new(Area::Files, "seen", findings.collect()),
        ])
    }

    #[test]
    fn the_worst_finding_decides() {
        let worst = |codes| report(codes).severity;
        assert_eq!(worst(&[]), Severity::Ok);
        assert_eq!(worst(&[Code::BansOff]), Severity::Advice);
        assert_eq!(worst(&[Code::BansOff, Code::FolderOpen]), Severity::Warning);
        assert_eq!(
            worst(&[Code::SecretOpen, Code::FolderOpen]),
            Severity::Error
        );
    }

    #[test]
    fn what_is_accepted_no_longer_counts_and_the_rest_does() {
        let left = report(&[Code::SecretOpen, Code::BansOff]).without(&[Code::SecretOpen]);
        assert_eq!(left, report(&[Code::BansOff]));
    }
}
