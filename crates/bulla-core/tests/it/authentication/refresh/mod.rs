//! Refreshing: what honest clients do, what thieves do, and what goes wrong between them.

mod ends;
mod lost;
mod repeated;
mod stolen;
