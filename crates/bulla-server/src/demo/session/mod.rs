//! `/demo/session/…`: the same login the stateful way. The browser has a random text, and who that is, a table says, at each
//! request.

mod cookie;
mod login;
mod logout;
mod me;

pub(super) use self::{login::login, logout::logout, me::me};
