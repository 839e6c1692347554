//! The library from outside. `refusals/` holds one test per attack, each with its control that must be accepted.

mod allocations;
mod base64url;
mod forge;
mod fuzz;
mod interop;
mod json;
mod jwe;
mod jwk;
mod jws;
mod jwt;
mod properties;
mod refusals;
mod vectors;
