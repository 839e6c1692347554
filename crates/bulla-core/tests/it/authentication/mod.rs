//! What users do.

mod change_email;
mod change_password;
mod delete;
mod foreign_hash;
mod login;
mod login_by_mail;
mod logout;
mod refresh;
mod register;
mod register_by_mail;
mod rename;
mod replaced;
mod reset_password;
mod sessions;
mod upgrade;
mod wrong_passwords;
