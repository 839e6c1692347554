//! Two `bulla serve` on one PostgreSQL database, which users cannot tell apart.

mod clocks;
mod crash;
mod ends;
mod races;
mod rotation;
mod start;
