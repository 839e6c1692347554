//! Deleting one's own account, and all that is held about it.

use bulla_core::{
    audit::{AuditFilter, AuditKind},
    authentication::{IssuedSession, Proof, ProofError},
    store::{AuditStore, LinkStore},
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{PASSWORD, World, email};

fn proof(who: &IssuedSession, password: &str) -> Proof {
    Proof {
        account: who.account.id.clone(),
        session: who.session,
        password: builders::password(password),
        address: None,
    }
}

#[test]
fn whoever_knows_the_password_is_gone_with_sessions_and_links_and_the_audit_log_is_not() {
    let world = World::new();
    let ada = world.register("ada");
    block_on(world.users.forgot_password(email("ada"))).unwrap();
    let link = world.mail.token();
    let wrong = block_on(world.users.delete_own_account(proof(&ada, "wrong")));
    assert!(matches!(wrong, Err(ProofError::CredentialsInvalid)));
    world.verify(&ada.access_token).unwrap();

    block_on(world.users.delete_own_account(proof(&ada, PASSWORD))).unwrap();
    assert_eq!(world.verify(&ada.access_token), Err("token_revoked"));
    assert!(world.refresh(&ada.refresh_token).is_err());
    assert!(world.login("ada", PASSWORD).is_err());
    assert_eq!(block_on(world.store.link(link.id())).unwrap(), None);
    let events = block_on(
        world
            .store
            .audit_events(&AuditFilter::of_account(&ada.account.id), 10),
    )
    .unwrap();
    assert_eq!(events[0].event.kind, AuditKind::AccountDeleted);
    world.register("ada");
}

#[test]
fn the_export_has_the_account_its_sessions_its_events_and_its_links() {
    let world = World::new();
    let ada = world.register("ada");
    let bob = world.register("bob");
    block_on(world.users.logout_session(ada.session, None)).unwrap();
    block_on(world.users.forgot_password(email("ada"))).unwrap();
    let export = block_on(world.users.export(&ada.account.id, ada.session, None))
        .unwrap()
        .unwrap();
    assert_eq!(export.account, ada.account);
    assert_eq!(export.sessions.len(), 1);
    assert_eq!(export.sessions[0].id, ada.session);
    let kinds: Vec<AuditKind> = export
        .events
        .iter()
        .map(|record| record.event.kind)
        .collect();
    let read = AuditKind::AccountExported;
    assert_eq!(
        kinds,
        [read, AuditKind::SessionEnded, AuditKind::AccountCreated],
        "who read it is held too"
    );
    assert_eq!(export.links.len(), 1);
    let of_bob = block_on(world.users.export(&bob.account.id, bob.session, None))
        .unwrap()
        .unwrap();
    assert_eq!(of_bob.links, []);
    let nobody = block_on(
        world
            .users
            .export(&builders::account_id("nobody"), ada.session, None),
    );
    assert!(nobody.unwrap().is_none());
}
