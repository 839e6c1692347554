//! A visitor without an account becomes a user.

use bulla_core::{
    audit::AuditKind,
    authentication::{IssuedSession, KnownVisitor, RegisterError, SessionRequest},
    ids::AccountId,
    registration::RegistrationError,
};
use bulla_test::{
    seeds,
    tasks::{Task, interleaved},
};
use futures_executor::block_on;

use crate::world::{World, device, registration};

fn visitor(world: &World) -> KnownVisitor {
    KnownVisitor {
        id: AccountId::of_visitor([7; 16]),
        issued_at: world.now(),
    }
}

async fn upgrade(world: &World, name: &str) -> Result<IssuedSession, RegisterError> {
    let request = SessionRequest::default();
    let registration = registration(name);
    let visitor = Some(visitor(world));
    world
        .users
        .register(registration, visitor, device(), request)
        .await
}

#[test]
fn the_user_has_the_visitors_identity_and_the_visitors_tokens_end() {
    let world = World::new();
    let visitor = visitor(&world);
    let issued = block_on(upgrade(&world, "alice")).unwrap();
    assert_eq!(issued.account.id, visitor.id);
    assert_eq!(issued.account.id.as_str().len(), "anon_".len() + 22);
    assert!(world.revocations.hits_subject(&visitor.id, 0));
    let claims = world.verify(&issued.access_token).unwrap();
    assert_eq!(
        (&claims["sub"], &claims["epoch"]),
        (&visitor.id.as_str().into(), &1.into())
    );
    assert!(world.refresh(&issued.refresh_token).is_ok());
    let event = &world.store.events()[0];
    assert_eq!(event.kind, AuditKind::VisitorUpgraded);
    assert_eq!(event.session, Some(issued.session));
}

#[test]
fn of_several_at_once_one_wins_in_whatever_order_they_come() {
    for seed in seeds(200) {
        let world = World::new();
        // The first two are a double click.
        let names = ["alice", "alice", "bob", "carol"];
        let tasks = names.map(|name| -> Task<'_, _> { Box::pin(upgrade(&world, name)) });
        let outcomes = block_on(interleaved(seed, tasks.into()));
        let mut won = Vec::new();
        for outcome in outcomes {
            match outcome {
                Ok(issued) => won.push(issued),
                Err(RegisterError::Registration(RegistrationError::AlreadyUpgraded)) => {}
                Err(other) => unreachable!("{seed}: {other}"),
            }
        }
        assert_eq!(won.len(), 1, "{seed}");
        assert!(world.verify(&won[0].access_token).is_ok(), "{seed}");
        assert_eq!(world.store.events().len(), 1, "{seed}");
    }
}

#[test]
fn a_name_that_is_taken_leaves_the_visitor_what_it_was() {
    let world = World::new();
    world.register("alice");
    let refused = block_on(upgrade(&world, "alice"));
    let taken = RegistrationError::EmailTaken;
    assert_eq!(refused.unwrap_err().to_string(), taken.to_string());
    assert!(!world.revocations.hits_subject(&visitor(&world).id, 0));
    assert!(block_on(upgrade(&world, "bob")).is_ok());
}
