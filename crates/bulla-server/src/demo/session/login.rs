//! `POST /demo/session/login`

use std::time::{Duration, Instant};

use axum::extract::State;
use serde::Deserialize;

use super::cookie::{Presented, SessionSecret};
use crate::{
    demo::{
        Demo,
        comparison::{Cost, Known, Timed, User},
    },
    edge::{
        browser::Browser, caller::ClientDevice, cookies::SetCookies, json_body::JsonBody, parse,
        refused::Refused, secret::SecretText,
    },
    guessing::Account,
    store::sqlite::DemoSession,
};

/// A session ends after this, used or not.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo) struct LoginRequest {
    email: Option<String>,
    username: Option<String>,
    password: SecretText,
}

/// Checks the password as `/auth/login` does, and under the same limits. The new session takes the place of the one that the browser had.
pub(in crate::demo) async fn login(
    State(demo): State<Demo>,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    earlier: Result<Presented, Refused>,
    JsonBody(body): JsonBody<LoginRequest>,
) -> Result<(SetCookies, Timed<Known, 2>), Refused> {
    browser.meant()?;
    let issuer = &demo.issuer;
    let name = parse::login_name(body.email.as_deref(), body.username.as_deref())?;
    let password = parse::password("password", &body.password)?;
    let guess = issuer
        .guessing()
        .begin(Account::from(&name), device.address, issuer.moment())?;
    let began = Instant::now();
    let from = device.address;
    let identified = issuer.authentication().identify(&name, password, from);
    let outcome = identified.await;
    let checked = began.elapsed();
    guess.came_to(&outcome);
    let account = outcome?;

    let (secret, now) = (SessionSecret::random(issuer), issuer.now());
    let session = DemoSession {
        account: account.id.clone(),
        epoch: account.epoch,
        ends_at: now.after(LIFETIME),
    };
    let began = Instant::now();
    let mut writes = 1;
    if let Ok(earlier) = earlier {
        demo.sessions
            .remove(earlier.key)
            .await
            .map_err(Refused::repeatable)?;
        writes += 1;
    }
    demo.sessions
        .add(secret.key(), session, now)
        .await
        .map_err(Refused::repeatable)?;
    let names = issuer.cookie_names();
    let cost = Cost {
        lookups: 1,
        writes,
        credential_bytes: secret.bytes(names),
    };
    let answer = Timed {
        answer: Known {
            user: User::from(account),
            cost,
        },
        spans: [("password", checked), ("write", began.elapsed())],
    };
    Ok((secret.set(names, LIFETIME.as_secs())?, answer))
}
