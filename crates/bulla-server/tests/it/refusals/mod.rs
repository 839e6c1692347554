//! One test per attack, each with its control that is accepted.

mod challenge;
