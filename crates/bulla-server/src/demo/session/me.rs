//! `GET /demo/session/me`

use std::time::Instant;

use axum::extract::State;
use bulla_core::account::Account;
use bulla_guard::problem::Code;

use super::cookie::Presented;
use crate::{
    demo::{
        Demo,
        comparison::{Cost, Known, Timed, User},
    },
    edge::refused::Refused,
    store::sqlite::DemoSessionKey,
};

/// Asks the table whose session it is, and the store who that is.
pub(in crate::demo) async fn me(
    State(demo): State<Demo>,
    presented: Presented,
) -> Result<Timed<Known, 1>, Refused> {
    let began = Instant::now();
    let account = owner(&demo, presented.key).await?;
    let check = began.elapsed();
    let cost = Cost {
        lookups: 2,
        writes: 0,
        credential_bytes: presented.bytes,
    };
    Ok(Timed {
        answer: Known {
            user: User::from(account),
            cost,
        },
        spans: [("check", check)],
    })
}

/// Two lookups. That the account is read anew each time is what makes a removed role count at the next request.
async fn owner(demo: &Demo, key: DemoSessionKey) -> Result<Account, Refused> {
    let session = demo.sessions.find(key).await.map_err(Refused::repeatable)?;
    let ended = || {
        Refused::new(
            Code::SessionRevoked,
            "there is no such session, or no longer",
        )
    };
    let session = session.ok_or_else(ended)?;
    if session.ends_at <= demo.issuer.now() {
        return Err(Refused::new(
            Code::SessionExpired,
            "the session is an hour old",
        ));
    }
    let found = demo.issuer.authentication().account(&session.account).await;
    let account = found.map_err(Refused::repeatable)?;
    let same = |account: &Account| account.epoch == session.epoch && account.disabled_at.is_none();
    account.filter(same).ok_or_else(ended)
}
