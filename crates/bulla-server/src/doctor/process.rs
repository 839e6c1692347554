//! What the system lets the process do.

use super::{Area, Check, Code, Finding};

/// A connection from a client takes a file, and the one to the upstream another.
const FEW: u64 = 4096;

/// How many files a process may open; `None`: any number.
#[must_use]
pub fn process(open_files: Option<u64>) -> Check {
    let seen = open_files.map_or("any number of open files".to_owned(), |most| {
        format!("up to {most} open files")
    });
    Check::at_once(Area::Process, seen, findings(open_files))
}

fn findings(open_files: Option<u64>) -> Vec<Finding> {
    let few = open_files.filter(|most| *most < FEW);
    let finding = few.map(|most| {
        Finding::new(
            Code::OpenFilesFew,
            format!("no more than {most} files may be open"),
        )
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::testing::found;

    #[test]
    fn every_connection_needs_a_file() {
        found(&findings(Some(FEW - 1)), &[Code::OpenFilesFew]);
        found(&findings(Some(FEW)), &[]);
        found(&findings(None), &[]);
    }
}
