//! Files that something has happened to on the way.

use std::io;

use proptest::prelude::*;

use super::{
    format::{Auth0, Bulla, Firebase, FirebaseHashes, Format, Keycloak, Wishes},
    reader::{Extent, Input, Shape},
};

/// Exports with known passwords, which the tests of the whole command sign in with.
macro_rules! export {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/it/flows/import/exports/", $name))
    };
}

fn exports() -> [(&'static [u8], Shape, Box<dyn Format>); 7] {
    let wishes = || Wishes {
        roles: vec!["editor".parse().unwrap()],
        claims: vec!["team_id".parse().unwrap()],
        plan: Some("plan".to_owned()),
        ..Wishes::default()
    };
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/flows/import/exports/firebase-hash-config.txt");
    let firebase = || -> Box<dyn Format> {
        Box::new(Firebase {
            wishes: wishes(),
            hashes: Some(FirebaseHashes::read(&config).unwrap()),
        })
    };
    let auth0 = || -> Box<dyn Format> { Box::new(Auth0(wishes())) };
    [
        (export!("auth0-export.ndjson"), Shape::Ndjson, auth0()),
        (export!("auth0-hashes.ndjson"), Shape::Ndjson, auth0()),
        (export!("auth0-bulk.json"), Shape::Json, auth0()),
        (export!("firebase.json"), Shape::Json, firebase()),
        (export!("firebase.csv"), Shape::Csv, firebase()),
        (
            export!("keycloak-realm.json"),
            Shape::Json,
            Box::new(Keycloak(wishes())),
        ),
        (
            export!("auth0-export.ndjson"),
            Shape::Ndjson,
            Box::new(Bulla),
        ),
    ]
}

/// How many records there are, and of how many something was made.
fn read(text: Vec<u8>, shape: Shape, format: &dyn Format) -> (usize, usize) {
    let (mut records, mut users) = (0, 0);
    let input = Input::of(io::Cursor::new(text), Extent::default()).unwrap();
    let read = input.read(shape, format.dialect(), &mut |record| {
        records += 1;
        let converted = record.value.map(|value| format.convert(value));
        users += usize::from(matches!(converted, Ok(Ok(_))));
        true
    });
    drop(read);
    (records, users)
}

#[test]
fn the_exports_are_as_their_systems_write_them() {
    let counts = exports().map(|(text, shape, format)| read(text.to_vec(), shape, &*format));
    assert_eq!(
        counts,
        [(2, 2), (2, 2), (6, 5), (4, 4), (4, 4), (5, 4), (2, 0)]
    );
}

proptest! {
    #[test]
    fn whatever_happened_to_a_file_it_is_read_as_far_as_it_goes(
        which in 0..7_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
        twice in any::<bool>(),
    ) {
        let (text, shape, format) = exports().into_iter().nth(which).unwrap();
        let mut text = text.to_vec();
        if twice {
            text.extend_from_within(..);
        }
        for (place, byte) in changes {
            let place = place.index(text.len());
            text[place] = byte;
        }
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len()));
        }
        let (records, users) = read(text, shape, &*format);
        prop_assert!(users <= records);
    }
}
