//! One row per figure: the value, the yardstick beside it, and their ratio.

use serde_json::json;

/// Prints rows, for people or a JSON line each.
pub(crate) struct Report {
    json: bool,
}

impl Report {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// A figure and what it is measured against, in the same unit.
    pub(crate) fn ratio(&self, what: &str, unit: &str, value: f64, against: &str, yardstick: f64) {
        let ratio = value / yardstick;
        if self.json {
            println!(
                "{}",
                json!({"what": what, "unit": unit, "value": value, "against": against, "yardstick": yardstick, "ratio": ratio})
            );
        } else {
            println!(
                "{what:<44} {value:>10.1} {unit:<8} {ratio:>6.2}x of {against} ({yardstick:.1})"
            );
        }
    }

    /// A figure that stands alone.
    pub(crate) fn value(&self, what: &str, unit: &str, value: f64) {
        if self.json {
            println!("{}", json!({"what": what, "unit": unit, "value": value}));
        } else {
            println!("{what:<44} {value:>10.1} {unit}");
        }
    }
}
