use bulla_jose::jwa::Algorithm;
use serde_json::json;

use crate::{contenders, rounds::Figure, subject::Subject};

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation {
    Verify,
    Sign,
}

/// Prints rows, for people or a JSON line each.
pub(crate) struct Report {
    json: bool,
}

impl Report {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Says what the next rows are about.
    pub(crate) fn token(&self, subject: &Subject) {
        if !self.json {
            let bytes = subject.token.len();
            println!(
                "{}: a token of {bytes} bytes, kid, eleven claims",
                subject.algorithm
            );
        }
    }

    /// A row per library.
    pub(crate) fn rows(&self, operation: Operation, subject: &Subject, figures: &[Figure]) {
        for figure in figures {
            let limit =
                (figure.library == contenders::OURS).then(|| operation.at_most(subject.algorithm));
            if self.json {
                println!(
                    "{}",
                    json!({
                        "operation": operation.name(), "algorithm": subject.algorithm,
                        "library": figure.library, "nanoseconds": figure.nanoseconds,
                        "ratio": figure.ratio, "against": contenders::RAW, "at_most": limit,
                        "held": limit.map(|limit| figure.ratio <= limit),
                    })
                );
            } else {
                let held = limit.map_or_else(String::new, |limit| {
                    let word = if figure.ratio <= limit {
                        "held"
                    } else {
                        "MISSED"
                    };
                    format!("   at most {limit:.2}: {word}")
                });
                println!(
                    "  {:<7} {:<22} {:>10.0} ns {:>7.2}x{held}",
                    operation.name(),
                    figure.library,
                    figure.nanoseconds,
                    figure.ratio
                );
            }
        }
    }
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Sign => "sign",
        }
    }

    /// What the design allows ours to take, against the cryptography alone.
    fn at_most(self, algorithm: Algorithm) -> f64 {
        match (self, algorithm) {
            (_, Algorithm::Hs256) => 1.9,
            (Self::Verify, Algorithm::Rs256) => 1.06,
            (Self::Verify, _) => 1.03,
            (Self::Sign, Algorithm::Rs256) => 1.05,
            (Self::Sign, Algorithm::Es256) => 1.1,
            (Self::Sign, _) => 1.15,
        }
    }
}
