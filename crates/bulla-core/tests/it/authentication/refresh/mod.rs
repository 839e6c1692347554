//! Refreshing: what honest clients do, what thieves do, and what goes wrong between them.

mod elsewhere;
mod ends;
mod lost;
mod repeated;
mod stolen;
