//! What administrators do with clients.

use std::time::Duration;

use bulla_core::{
    administration::{AddClientError, ClientEdit, EditClientError, NewClient, RemoveError},
    client::{AccessLifetime, Audiences, Client, ClientSecret, Scope},
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, World};

fn new(name: &str) -> NewClient {
    let client = builders::client(name, bulla_core::time::Timestamp::from_millis(0));
    NewClient {
        name: client.name,
        scopes: client.scopes,
        audiences: client.audiences,
        access_lifetime: None,
        keys: None,
    }
}

fn add(world: &World, name: &str) -> (Client, ClientSecret) {
    let added = world.admins.add_client(new(name), &COMMAND_LINE);
    let (client, secret) = block_on(added).unwrap();
    (client, secret.unwrap())
}

fn set(world: &World, client: &Client, edit: ClientEdit) -> Client {
    block_on(world.admins.set_client(&client.id, edit, &COMMAND_LINE)).unwrap()
}

#[test]
fn every_client_has_an_identity_and_a_secret_of_its_own() {
    let world = World::new();
    let ((one, secret), (other, another)) = (add(&world, "one"), add(&world, "other"));
    assert_ne!(one.id, other.id);
    assert_ne!(secret.expose(), another.expose());
    let taken = block_on(world.admins.add_client(new("one"), &COMMAND_LINE));
    assert!(matches!(taken, Err(AddClientError::NameTaken)));
}

#[test]
fn what_is_taken_away_ends_the_tokens_and_what_is_granted_does_not() {
    let world = World::new();
    let (client, _) = add(&world, "billing");
    let check = |edit: ClientEdit, epoch: u64| {
        let changed = set(&world, &client, edit.clone());
        assert_eq!(changed.epoch, epoch, "{edit:?}");
        let hit = |epoch| world.revocations.hits_subject(&client.id, epoch);
        assert!(!hit(epoch), "{edit:?}");
        assert_eq!(epoch > 0 && hit(epoch - 1), epoch > 0, "{edit:?}");
    };
    check(ClientEdit::default(), 0);
    check(scopes(&["orders:read", "orders:write", "x"]), 0);
    check(scopes(&["orders:read"]), 1);
    check(audiences(&["a"]), 2);
    check(audiences(&["b", "a"]), 2);
    check(audiences(&["b"]), 3);
    let lifetime = ClientEdit {
        access_lifetime: Some(AccessLifetime::from_seconds(60).ok()),
        ..ClientEdit::default()
    };
    check(lifetime, 3);
    check(disabled(true), 4);
    check(disabled(true), 4);
    check(disabled(false), 4);
}

fn scopes(names: &[&str]) -> ClientEdit {
    ClientEdit {
        scopes: Scope::parse_all(names.iter().copied()).ok(),
        ..ClientEdit::default()
    }
}

fn audiences(names: &[&str]) -> ClientEdit {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    ClientEdit {
        audiences: Audiences::parse_all(&names).ok(),
        ..ClientEdit::default()
    }
}

fn disabled(disabled: bool) -> ClientEdit {
    ClientEdit {
        disabled: Some(disabled),
        ..ClientEdit::default()
    }
}

#[test]
fn what_its_tokens_are_for_is_recorded_when_it_is_made_and_when_it_is_changed() {
    let world = World::new();
    let told = || world.store.events().pop().unwrap().detail.unwrap();
    let named = |names: &[&str]| audiences(names).audiences.unwrap();
    let narrow = NewClient {
        scopes: scopes(&["orders:read"]).scopes.unwrap(),
        audiences: named(&["b", "a"]),
        access_lifetime: AccessLifetime::from_seconds(60).ok(),
        ..new("narrow")
    };
    let (client, _) = block_on(world.admins.add_client(narrow, &COMMAND_LINE)).unwrap();
    let granted = "scope orders:read granted, audience b a, lifetime 60 seconds, secret made";
    assert_eq!(told(), granted);
    set(&world, &client, audiences(&["a", "b"]));
    assert_eq!(told(), "audience a b");
    let wider = ClientEdit {
        access_lifetime: Some(None),
        ..audiences(&[])
    };
    set(&world, &client, wider);
    assert_eq!(
        told(),
        "audience everybody's, lifetime everybody's, tokens revoked"
    );
    let plain = NewClient {
        scopes: std::collections::BTreeSet::new(),
        audiences: Audiences::default(),
        ..new("plain")
    };
    block_on(world.admins.add_client(plain, &COMMAND_LINE)).unwrap();
    assert_eq!(told(), "secret made");
}

#[test]
fn it_stays_disabled_since_it_was() {
    let world = World::new();
    let (client, _) = add(&world, "billing");
    let since = set(&world, &client, disabled(true)).disabled_at;
    assert_eq!(since, Some(world.now()));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(set(&world, &client, disabled(true)).disabled_at, since);
}

#[test]
fn a_client_is_found_by_its_identity_before_any_name() {
    let world = World::new();
    let (victim, _) = add(&world, "billing");
    let mut impostor = new("x");
    impostor.name = bulla_core::account::DisplayName::parse(victim.id.as_str()).unwrap();
    block_on(world.admins.add_client(impostor, &COMMAND_LINE)).unwrap();
    let find = |text: &str| block_on(world.admins.find_client(text)).unwrap();
    assert_eq!(find(victim.id.as_str()), Some(victim.clone()));
    assert_eq!(find("billing"), Some(victim));
    assert_eq!(find("Billing"), None);
    assert_eq!(find("\n"), None);
}

#[test]
fn what_is_not_there_is_not_changed() {
    let world = World::new();
    let (client, _) = add(&world, "billing");
    let remove = || block_on(world.admins.remove_client(&client.id, &COMMAND_LINE));
    remove().unwrap();
    assert!(world.revocations.hits_client(&client.id));
    assert!(matches!(remove(), Err(RemoveError::NotFound)));
    let edit = ClientEdit::default();
    let gone = block_on(world.admins.set_client(&client.id, edit, &COMMAND_LINE));
    assert!(matches!(gone, Err(EditClientError::NotFound)));
}
