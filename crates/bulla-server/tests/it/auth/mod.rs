//! `/auth/…`

mod bodies;
mod foreign;
mod login;
mod logout;
mod me;
mod password;
mod refresh;
mod register;
mod sessions;
