use super::*;

/// What other tools make of `correct horse`: Python's `bcrypt`, `argon2-cffi` and `hashlib`.
const FOREIGN: [&str; 13] = [
    "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
    "$2a$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
    "$argon2i$v=19$m=64,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$puc453Cpq1DFRL695M7MD8xMTPSjus4jpty4H6duI0g",
    "$argon2d$v=19$m=64,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$QZTHvrUkQpGX4mmv0/mw2kqiWXZe8rdPm8RaTCpYulM",
    "$argon2id$v=19$m=64,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$buIR3cR+U1IUJ8+WyIxlnaObAbutw+YzwF0bmgUKlVY",
    "$argon2i$v=16$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Vw9Auv8IDmPjpkniCnVM8SlOrLaMfSuW",
    "$scrypt$ln=4,r=8,p=2$TmFDbA$2bvPCIWoQVpEBj3BjX6upQCTvhrRro4F6vEvJ88J7OFPysE424vGZyZGnAyb96asX72YGoBXt+sQGrMIl9lKTg",
    "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHQ$wQoBU7GXMNo2CJC+raijrf6key4",
    "$pbkdf2-sha1$i=1000,l=64$c2FsdHNhbHQ$wQoBU7GXMNo2CJC+raijrf6key7T3ch/mz633RDYOwPcUY4L8glxv7t2/xbGtSxWzWGWzRbNcs1tLzTKWlqB+A",
    "$pbkdf2-sha256$i=1000,l=20$c2FsdHNhbHQ$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Q",
    "$pbkdf2-sha256$i=1000,l=64$c2FsdHNhbHQ$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Svzmx3yu8OvDdq/J2oFmLI1DJ2tjIvxd8dmppOcoNYkiU7W9wmGBmycbiHOQ",
    "$pbkdf2-sha512$i=1000,l=20$c2FsdHNhbHQ$+sUSD8jw4f8ns7m9b7kj8PeJLe8",
    "$pbkdf2-sha512$i=1000,l=64$c2FsdHNhbHQ$+sUSD8jw4f8ns7m9b7kj8PeJLe8lJXO8Am09BLgO79kST9D/Ija5aKINGF5Xg7hkKXw1+fNhBzzJP3eIXcWXww",
];

/// The vector that Firebase has published, of `user1password`.
const FIREBASE: &str = "$firebase-scrypt$ln=14,r=8,separator=Bw,\
    signer=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA\
    $42xEC+ixf3L2lw$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ";

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

fn parsed(text: &str) -> PasswordHash {
    PasswordHash::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn is_of(text: &str, hash: &PasswordHash) -> bool {
    verify(&password(text), hash, &mut Workspace::new())
}

fn hashed(text: &str) -> PasswordHash {
    hash(&password(text), [7; 16], &mut Workspace::new())
}

#[test]
fn only_the_password_itself_matches() {
    let own = hashed("correct horse");
    assert!(is_of("correct horse", &own));
    assert!(!is_of("correct horsf", &own));
    assert!(!is_of("", &own));
}

#[test]
fn foreign_hashes_match_their_password_and_are_written_as_they_were() {
    for text in FOREIGN {
        let hash = parsed(text);
        assert!(is_of("correct horse", &hash), "{text}");
        assert!(!is_of("correct horsf", &hash), "{text}");
        assert!(!hash.is_own(), "{text}");
        assert_eq!(hash.text().as_str(), text);
    }
}

#[test]
fn a_hash_of_firebase_matches_its_password() {
    let hash = parsed(FIREBASE);
    assert!(is_of("user1password", &hash));
    assert!(!is_of("user2password", &hash));
    assert_eq!(hash.text().as_str(), FIREBASE);
    for (right, wrong) in [
        ("ln=14", "ln=13"),
        ("separator=Bw", "separator=BA"),
        ("signer=jx", "signer=jy"),
    ] {
        assert!(
            !is_of("user1password", &parsed(&FIREBASE.replace(right, wrong))),
            "{wrong}"
        );
    }
}

/// RFC 9106 has no vector without a secret: this one is of the reference implementation, `argon2 somesalt -id -t 2 -m 16
/// -p 1`.
#[test]
fn one_workspace_serves_all_sizes_and_keeps_no_more_than_ours_need() {
    let other = parsed(
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    );
    let mut workspace = Workspace::new();
    let own = hash(&password("first"), [7; 16], &mut workspace);
    for _ in 0..2 {
        assert!(verify(&password("password"), &other, &mut workspace));
        assert!(!verify(&password("first"), &other, &mut workspace));
        assert!(verify(&password("first"), &own, &mut workspace));
        assert!(!verify(&password("second"), &own, &mut workspace));
    }
    assert_eq!(workspace.blocks(), 19_456);
    assert_eq!(own, hashed("first"));
}

#[test]
fn the_parameters_are_in_the_hash() {
    let own = hashed("x");
    let prefix = "$argon2id$v=19$m=19456,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$";
    assert!(own.text().starts_with(prefix), "{}", *own.text());
    assert!(own.is_own());
    assert_eq!(parsed(&own.text()), own);
}

#[test]
fn the_decoy_is_verified_like_any_hash_and_matches_nothing() {
    let (decoy, own) = (decoy().text(), hashed("x").text());
    let costs = |text: &str| {
        text.split('$')
            .take(4)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!((costs(&decoy), decoy.len()), (costs(&own), own.len()));
    assert!(!is_of("x", super::decoy()));
}

#[test]
fn no_password_is_of_nobody_and_costs_like_the_decoy() {
    let none = PasswordHash::NONE;
    assert_eq!(none.text().as_str(), "*");
    assert_eq!(parsed("*"), none);
    let mut workspace = Workspace::new();
    for guess in ["", "*", "x"] {
        assert!(!verify(&password(guess), &none, &mut workspace));
    }
    assert_eq!(workspace.blocks(), 19_456, "it was computed");
}

/// `café creme` with one character for the é, and with two.
#[test]
fn a_password_is_tried_as_it_was_typed_too() {
    let (one, two) = ("caf\u{e9} creme", "cafe\u{301} creme");
    let of_one =
        parsed("$pbkdf2-sha256$i=1,l=32$c2FsdHNhbHQ$04KBZ4kUv7l6dtmTlABwQAu1na669sWPQmtk6KnvdJc");
    let of_two =
        parsed("$pbkdf2-sha256$i=1,l=32$c2FsdHNhbHQ$j78DfSJ324DXdgNrx2xVZsatyyvR+m6vFRBlXUkNGe0");
    assert!(is_of(one, &of_one) && is_of(two, &of_one));
    assert!(is_of(two, &of_two) && !is_of(one, &of_two));
}

#[test]
fn bcrypt_takes_72_bytes_and_no_more() {
    let hash = parsed("$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i");
    assert!(is_of(&"x".repeat(72), &hash));
    assert!(is_of(&"x".repeat(100), &hash));
    assert!(!is_of(&"x".repeat(71), &hash));
}

/// The last characters of salt and output carry bits that do not count.
#[test]
fn bits_that_do_not_count_in_bcrypt_do_not_matter() {
    let hash = parsed("$2b$04$abcdefghijklmnopqrstuvjydOTSfIH/d5oUHpsygqV5X9xJLQc6f");
    assert!(is_of("correct horse", &hash));
    assert_eq!(hash, parsed(FOREIGN[0]));
}

#[test]
fn what_is_no_hash_is_refused() {
    for (text, refused) in [
        ("", HashRefused::Unknown),
        ("x", HashRefused::Unknown),
        ("**", HashRefused::Unknown),
        ("$argon2id", HashRefused::Unknown),
        ("5f4dcc3b5aa765d61d8327deb882cf99", HashRefused::Unknown),
        ("$1$salt$qJH7.N4xYta3aEG/dfqo/0", HashRefused::Unknown),
        (
            "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            HashRefused::Unknown,
        ),
        (
            "$pbkdf2-md5$i=1$c2FsdHNhbHQ$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Q",
            HashRefused::Unknown,
        ),
        ("$argon2id$", HashRefused::Malformed),
        ("$2b$12$x", HashRefused::Malformed),
        (
            "$2b$03$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            HashRefused::Malformed,
        ),
        (
            "$2b$0é$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            HashRefused::Malformed,
        ),
        (
            "$scrypt$ln=4,r=8$TmFDbA$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Q",
            HashRefused::Malformed,
        ),
        (
            "$scrypt$ln=4,r=0,p=1$TmFDbA$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Q",
            HashRefused::Malformed,
        ),
        (
            "$firebase-scrypt$ln=4,r=8,separator=Bw,signer=Bw$TmFDbA$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Q",
            HashRefused::Malformed,
        ),
    ] {
        assert_eq!(PasswordHash::parse(text).unwrap_err(), refused, "{text}");
    }
}

#[test]
fn what_is_written_otherwise_than_a_hash_is_refused() {
    let salt_and_output = "$c2FsdHNhbHQ$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Q";
    assert!(PasswordHash::parse(&format!("$pbkdf2-sha256$i=1{salt_and_output}")).is_ok());
    for parameters in [
        "", "i", "i=", "i=0", "i=01", "i=+1", "i=-1", "i=1,l=21", "i=1,x=1", "i=1,i=1", "v=1$i=1",
    ] {
        let text = format!("$pbkdf2-sha256${parameters}{salt_and_output}");
        assert_eq!(
            PasswordHash::parse(&text).unwrap_err(),
            HashRefused::Malformed,
            "{text}"
        );
    }
    for rest in [
        "$$qQDP",
        "$c2FsdA$c2FsdA",
        "$c2FsdA$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Q=",
        "$c2FsdA",
        "$a$b$c",
    ] {
        let text = format!("$pbkdf2-sha256$i=1{rest}");
        assert_eq!(
            PasswordHash::parse(&text).unwrap_err(),
            HashRefused::Malformed,
            "{text}"
        );
    }
}

/// What tools advise is accepted; what is absurd is refused before anything is computed.
#[test]
fn absurd_costs_are_refused() {
    let bcrypt = |cost: &str| FOREIGN[0].replace("04", cost);
    let phc = |head: &str| format!("${head}$c2FsdHNhbHQ${}", "A".repeat(43));
    for (accepted, absurd) in [
        (bcrypt("14"), bcrypt("16")),
        (bcrypt("15"), bcrypt("31")),
        (
            phc("argon2id$v=19$m=65536,t=3,p=4"),
            phc("argon2id$v=19$m=4194304,t=1,p=4"),
        ),
        (
            phc("argon2i$v=19$m=262144,t=4,p=1"),
            phc("argon2i$v=19$m=8,t=4294967295,p=1"),
        ),
        (phc("scrypt$ln=17,r=8,p=1"), phc("scrypt$ln=18,r=16,p=1")),
        (
            phc("scrypt$ln=14,r=8,p=5"),
            phc("scrypt$ln=63,r=4294967295,p=4294967295"),
        ),
        (
            phc("scrypt$ln=4,r=8,p=64"),
            phc("scrypt$ln=1,r=1,p=1073741823"),
        ),
        (
            phc("pbkdf2-sha256$i=1000000"),
            phc("pbkdf2-sha256$i=4294967295"),
        ),
        (phc("pbkdf2-sha1$i=1300000"), phc("pbkdf2-sha1$i=5000001")),
    ] {
        assert!(PasswordHash::parse(&accepted).is_ok(), "{accepted}");
        let refused = PasswordHash::parse(&absurd).unwrap_err();
        assert_eq!(refused, HashRefused::TooCostly, "{absurd}");
    }
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", parsed(FOREIGN[0])), "PasswordHash(..)");
}

proptest::proptest! {
    #[test]
    fn whatever_is_read_is_written_so_that_it_is_read_again(
        which in 0..FOREIGN.len(), place in 0_usize..200, character in "[$=,0-9a-z./+]",
    ) {
        let mut text: Vec<char> = FOREIGN[which].chars().collect();
        let place = place % text.len();
        text[place] = character.chars().next().unwrap_or('x');
        let text: String = text.into_iter().collect();
        if let Ok(hash) = PasswordHash::parse(&text) {
            proptest::prop_assert_eq!(PasswordHash::parse(&hash.text()), Ok(hash));
        }
    }
}

/// PBKDF2 of the empty password and of `a`, by Python's hashlib.
#[test]
fn the_empty_password_is_nobodys() {
    let empty = "$pbkdf2-sha256$i=1,l=32$c2FsdHNhbHQ$YZE+2cnLB0U3LTJzrFgfGrPp/wPSZu+K8KcWgQ1vICk";
    let letter = "$pbkdf2-sha256$i=1,l=32$c2FsdHNhbHQ$0TiQT+y1LZbjfbKUM0/07mYFOCnm9suTifu/nC48pK0";
    assert!(!is_of("", &parsed(empty)) && !is_of("a", &parsed(empty)));
    assert!(is_of("a", &parsed(letter)) && !is_of("", &parsed(letter)));
}
