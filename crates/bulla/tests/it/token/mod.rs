//! `bulla token …`: tokens on standard input, a verdict a line.

mod inspect;
mod verify;
