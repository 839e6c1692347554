//! What users do.

mod change_password;
mod login;
mod logout;
mod refresh;
mod register;
mod rename;
mod sessions;
mod upgrade;
