//! `bulla token …`: tokens on standard input, a verdict a line.

mod anonymous;
mod codes;
mod explain;
mod inspect;
mod mint;
mod verify;
