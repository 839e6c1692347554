//! The rule of refresh tokens.

mod model;
