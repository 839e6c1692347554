//! What verifying and signing cost, beside other libraries and beside the cryptography alone, in one run.
//!
//! `cargo bench -p bulla-jose` prints a table, `cargo bench -p bulla-jose -- --json` a JSON line per row.

mod contenders;
mod report;
mod rounds;
mod subject;

use std::env;

use bulla_jose::jwa::Algorithm;
use report::{Operation, Report};
use subject::Subject;

const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Hs256,
    Algorithm::Rs256,
    Algorithm::Es256,
    Algorithm::EdDsa,
];

fn main() {
    let report = Report::new(env::args().any(|argument| argument == "--json"));
    for algorithm in ALGORITHMS {
        let subject = Subject::new(algorithm);
        report.token(&subject);
        for operation in [Operation::Verify, Operation::Sign] {
            let contenders = match operation {
                Operation::Verify => contenders::verifying(&subject),
                Operation::Sign => contenders::signing(&subject),
            };
            let figures = rounds::interleaved(contenders);
            report.rows(operation, &subject, &figures);
        }
    }
}
