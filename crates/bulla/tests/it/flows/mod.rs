//! What people do with Bulla, from the first start to the last.

mod administration;
mod anonymous;
mod bans;
mod browser;
mod clients;
mod contact;
mod cookies;
mod crash;
mod dashboard;
mod doctor;
mod expiry;
mod first_start;
mod forward_auth;
mod full_disk;
mod gateway;
mod import;
mod limits;
mod logout;
mod logs;
mod mail;
mod mail_server;
mod operations;
mod orders;
mod overload;
mod password;
mod refresh;
mod reload;
mod roles;
mod secrets;
mod shutdown;
#[cfg(feature = "otel")]
mod telemetry;
mod thieves;
mod tls;
mod trusted_issuers;
mod upstream;
