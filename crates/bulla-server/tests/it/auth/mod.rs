//! `/auth/…`

mod bodies;
mod login;
mod logout;
mod me;
mod password;
mod refresh;
mod register;
mod sessions;
