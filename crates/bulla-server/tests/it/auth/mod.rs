//! `/auth/…`

mod anonymous;
mod bodies;
mod challenge;
pub(crate) mod cookies;
mod email;
mod foreign;
mod guessing;
mod links;
mod login;
mod login_by_mail;
mod logout;
mod me;
mod password;
mod password_reset;
mod refresh;
mod register;
mod register_by_mail;
mod sessions;
mod upgrade;
