use bulla_jose::jwk::KeyId;

use super::*;
use crate::ids::{AddressRange, ClientId, UnknownName};

#[test]
fn every_kind_is_read_back_by_its_name() {
    for kind in AuditKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert_eq!("session".parse::<AuditKind>(), Err(UnknownName));
}

#[test]
fn every_subject_is_read_back_by_its_kind() {
    for subject in [
        AuditSubject::from(AccountId::new("usr_ada").unwrap()),
        (&ClientId::new("cli_billing").unwrap()).into(),
        (&KeyId::new("2026-01").unwrap()).into(),
        AddressRange::parse("203.0.113.0/24").unwrap().into(),
        AuditSubject::Store,
    ] {
        let read = AuditSubject::read(subject.kind(), subject.id());
        assert_eq!(read, Ok(subject));
    }
    for (kind, id) in [
        ("", "usr_ada"),
        ("Account", "usr_ada"),
        ("client", ""),
        ("addresses", "usr_ada"),
        ("store", "usr_ada"),
    ] {
        assert_eq!(AuditSubject::read(kind, id), Err(UnknownName), "{kind}");
    }
}

#[test]
fn every_actor_is_read_back_by_its_name() {
    let root = AccountId::new("usr_root").unwrap();
    for actor in [
        Actor::Owner,
        Actor::Administrator(root.clone()),
        Actor::CommandLine,
        Actor::System,
        Actor::Unknown,
        Actor::Unrecorded,
    ] {
        let read = Actor::read(actor.as_str(), actor.administrator().cloned());
        assert_eq!(read, Ok(actor));
    }
    for (name, administrator) in [
        ("", None),
        ("owner", Some(root)),
        ("administrator", None),
        ("Owner", None),
    ] {
        assert_eq!(Actor::read(name, administrator), Err(UnknownName), "{name}");
    }
}
