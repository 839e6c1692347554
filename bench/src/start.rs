//! From the start of the process to its first answer, and the memory it then holds.

use anyhow::Result;

use crate::{binary::Binary, report::Report};

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let bulla = Binary::serve("", &[]).await?;
    report.value(
        "start to first answer, first start",
        "ms",
        bulla.first_answer.as_secs_f64() * 1000.0,
    );
    report.value("resident, idle", "MiB", bulla.resident_mebibytes()?);
    Ok(())
}
