//! The issuer as a whole: what outlives a restart, and what is tidied away.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use bulla_core::{
    account::{Email, PasswordHash},
    audit::AuditFilter,
    ids::AccountId,
    link::{Link, LinkId, LinkPurpose, NewAccount},
    ports::Clock,
    store::{AuditStore, LinkStore},
};
use serde_json::json;

use crate::app::{ACCESS, Door, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn sessions_and_tokens_outlive_a_restart() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let app = app.restart().await;
    app.assert_accepted(&ada.access).await;
    assert_eq!(app.refresh(&ada.refresh).await.status, StatusCode::OK);
    app.login("ada").await;
}

#[tokio::test]
async fn what_was_revoked_stays_revoked_after_a_restart() {
    let app = TestApp::start().await;
    let users = Users::of(&app).await;
    users.revoke(&app).await;
    let app = app.restart().await;
    users.assert_revoked(&app).await;
}

#[tokio::test]
async fn what_is_revoked_under_a_shorter_lifetime_stays_so_for_the_longer_one() {
    let app = TestApp::start().await;
    let users = Users::of(&app).await;
    let app = app.restart_with_lifetime(Duration::from_secs(1)).await;
    users.revoke(&app).await;
    app.clock.advance(ACCESS - Duration::from_secs(1));
    app.issuer.tidy().await.unwrap();
    users.assert_revoked(&app).await;
    let app = app.restart().await;
    users.assert_revoked(&app).await;
}

#[tokio::test]
async fn what_is_revoked_after_the_clock_went_back_stays_so_until_its_tokens_end() {
    let app = TestApp::start().await;
    let users = Users::of(&app).await;
    let signed_at = app.clock.now();
    app.clock.set(signed_at.before(Duration::from_secs(3600)));
    users.revoke(&app).await;
    app.clock
        .set(signed_at.after(ACCESS - Duration::from_secs(1)));
    app.issuer.tidy().await.unwrap();
    users.assert_revoked(&app).await;
    let app = app.restart().await;
    users.assert_revoked(&app).await;
}

#[tokio::test]
async fn what_is_tidied_by_a_clock_that_is_ahead_stays_revoked() {
    let app = TestApp::start().await;
    let users = Users::of(&app).await;
    users.revoke(&app).await;
    let revoked_at = app.clock.now();
    app.clock.advance(Duration::from_secs(3600));
    let app = app.restart().await;
    app.issuer.tidy().await.unwrap();
    app.clock.set(revoked_at);
    let app = app.restart().await;
    users.assert_revoked(&app).await;
}

#[tokio::test]
async fn links_and_registrations_that_expired_are_tidied_away_in_as_many_batches_as_it_takes() {
    let app = TestApp::start().await;
    let now = app.clock.now();
    for number in 0..1203_u64 {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_le_bytes());
        let purpose = LinkPurpose::Register(NewAccount {
            visitor: None,
            email: Email::parse("ada@example.com").unwrap(),
            username: None,
            name: None,
            password: PasswordHash::NONE,
        });
        let link = Link {
            id: LinkId::from_bytes(id),
            expires_at: now.after(purpose.lifetime()),
            purpose,
            code: None,
            created_at: now,
        };
        app.store.add_link(&link).await.unwrap();
    }
    assert_eq!(app.issuer.tidy().await.unwrap(), 0);
    app.clock.advance(Duration::from_secs(24 * 3600 + 1));
    assert_eq!(app.issuer.tidy().await.unwrap(), 1203);
    assert_eq!(app.issuer.tidy().await.unwrap(), 0);
}

#[tokio::test]
async fn audit_events_are_kept_for_ever_unless_it_is_said_for_how_long() {
    let year = Duration::from_secs(365 * 86_400);
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let id = AccountId::new(ada.id).unwrap();
    let events = async |app: &TestApp| {
        app.store
            .audit_events(&AuditFilter::of_account(&id), 10)
            .await
            .unwrap()
            .len()
    };
    app.clock.advance(100 * year);
    app.issuer.tidy().await.unwrap();
    assert_eq!(events(&app).await, 1);
    let app = app
        .restart_with(|settings| settings.audit_retention = Some(100 * year))
        .await;
    app.issuer.tidy().await.unwrap();
    assert_eq!(events(&app).await, 1);
    let app = app
        .restart_with(|settings| settings.audit_retention = Some(99 * year))
        .await;
    app.issuer.tidy().await.unwrap();
    assert_eq!(events(&app).await, 0);
}

/// Three whose tokens are revoked, each by other means, and one who keeps hers.
struct Users {
    logged_out: SignedIn,
    demoted: SignedIn,
    deleted: SignedIn,
    kept: SignedIn,
}

impl Users {
    async fn of(app: &TestApp) -> Self {
        Self {
            logged_out: app.register("ada").await,
            demoted: app.user_with_roles("bob", &["admin"]).await,
            deleted: app.register("eve").await,
            kept: app.register("zoe").await,
        }
    }

    async fn revoke(&self, app: &TestApp) {
        let logout = app
            .call(Method::POST, "/auth/logout")
            .bearer(&self.logged_out.access);
        logout.await_status(StatusCode::NO_CONTENT).await;
        let path = format!("/admin/users/{}", self.demoted.id);
        let demote = app
            .call_at(Door::Local, Method::PATCH, &path)
            .json(json!({"roles": []}));
        demote.await_status(StatusCode::OK).await;
        let path = format!("/admin/users/{}", self.deleted.id);
        let delete = app.call_at(Door::Local, Method::DELETE, &path);
        delete.await_status(StatusCode::NO_CONTENT).await;
    }

    async fn assert_revoked(&self, app: &TestApp) {
        for user in [&self.logged_out, &self.demoted, &self.deleted] {
            app.assert_refused(&user.access, "token_revoked").await;
        }
        app.assert_accepted(&self.kept.access).await;
    }
}

#[tokio::test]
async fn a_long_history_of_ended_sessions_is_not_read() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let ended = app.login("ada").await;
    let logout = app.call(Method::POST, "/auth/logout").bearer(&ended.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    // Whoever reads the ended one finds that it cannot be read.
    let spoil = "UPDATE sessions SET address = 'nowhere' WHERE ended_at IS NOT NULL";
    assert_eq!(app.database().execute(spoil, []).unwrap(), 1);
    let listed = app.get("/auth/sessions").bearer(&ada.access);
    listed.await_status(StatusCode::OK).await;
    let end = app
        .call(Method::DELETE, "/auth/sessions")
        .bearer(&ada.access);
    end.await_status(StatusCode::NO_CONTENT).await;
    let path = format!("/admin/users/{}/sessions", ada.id);
    let all = app.call_at(Door::Local, Method::GET, &path).send().await;
    assert_eq!(all.status, StatusCode::INTERNAL_SERVER_ERROR, "the control");
}

#[tokio::test]
async fn tidying_forgets_what_can_hit_nothing_any_more() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let logout = app.call(Method::POST, "/auth/logout").bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    assert_eq!(app.issuer.tidy().await.unwrap(), 0);
    assert_eq!(app.issuer.revocations().len(), 1);

    app.clock.advance(ACCESS * 2);
    assert_eq!(app.issuer.tidy().await.unwrap(), 0);
    assert!(app.issuer.revocations().is_empty());
    app.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(app.issuer.tidy().await.unwrap(), 1);

    app.clock.advance(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(app.issuer.tidy().await.unwrap(), 1);
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "refresh_invalid");
}

#[tokio::test]
async fn the_21st_session_ends_the_first() {
    let app = TestApp::start().await;
    let first = app.register("ada").await;
    // Of two that were opened at once, either may be the older.
    app.clock.advance(Duration::from_millis(1));
    let mut last = app.login("ada").await;
    for _ in 0..18 {
        app.clock.advance(Duration::from_millis(1));
        last = app.login("ada").await;
    }
    app.assert_accepted(&first.access).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    app.post("/auth/login", body)
        .await_status(StatusCode::OK)
        .await;
    app.assert_refused(&first.access, "token_revoked").await;
    app.assert_accepted(&last.access).await;
}
