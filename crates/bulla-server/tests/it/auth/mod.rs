//! `/auth/…`

mod anonymous;
mod bodies;
mod challenge;
mod cookies;
mod foreign;
mod guessing;
mod login;
mod logout;
mod me;
mod password;
mod refresh;
mod register;
mod sessions;
mod upgrade;
