//! Base64url has one spelling (RFC 7515 section 2 and appendix C).

use bulla_jose::base64url::encode;

use crate::forge::{CLAIMS, HEADER, accepted, refused_for, signed};

/// Signs what `spoil` makes of the header, then of the payload; spoils the signature too.
#[track_caller]
fn refused_in_every_part(spoil: impl Fn(&str) -> String) {
    let (header, payload) = (encode(HEADER.as_bytes()), encode(CLAIMS.as_bytes()));
    let good = signed(&header, &payload);
    accepted(&good);
    let refused = |token: &str, part| {
        refused_for(
            token,
            "token_malformed",
            &format!("the {part} is not canonical base64url"),
        );
    };
    refused(&signed(&spoil(&header), &payload), "header");
    refused(&signed(&header, &spoil(&payload)), "payload");
    let (signing_input, signature) = good.rsplit_once('.').expect("three parts");
    refused(
        &format!("{signing_input}.{}", spoil(signature)),
        "signature",
    );
}

#[test]
fn padding_is_refused() {
    refused_in_every_part(|part| format!("{part}="));
    refused_in_every_part(|part| format!("{part}=="));
}

#[test]
fn white_space_is_refused() {
    for space in [" ", "\n", "\r\n", "\t", "\u{b}", "\u{a0}"] {
        refused_in_every_part(|part| format!("{part}{space}"));
        refused_in_every_part(|part| format!("{space}{part}"));
        refused_in_every_part(|part| format!("{}{space}{}", &part[..8], &part[8..]));
    }
}

#[test]
fn the_alphabet_of_plain_base64_is_refused() {
    for foreign in ["+", "/"] {
        refused_in_every_part(|part| format!("{}{foreign}{}", &part[..8], &part[9..]));
    }
}

#[test]
fn characters_beyond_ascii_are_refused() {
    for foreign in ["é", "Ａ", "\0", "%41"] {
        refused_in_every_part(|part| format!("{}{foreign}{}", &part[..8], &part[9..]));
    }
}

#[test]
fn trailing_bits_are_refused() {
    let payload = encode(CLAIMS.as_bytes());
    for spaces in 0..3 {
        // A header of each length modulo 3, so that 0, 4 and 2 bits are left over.
        let header = encode(format!("{HEADER}{}", " ".repeat(spaces)).as_bytes());
        accepted(&signed(&header, &payload));
        if header.len().is_multiple_of(4) {
            continue;
        }
        let mut bytes = header.into_bytes();
        let last = bytes.last_mut().unwrap();
        *last = if *last == b'Q' { b'R' } else { *last + 1 };
        let header = String::from_utf8(bytes).unwrap();
        refused_for(
            &signed(&header, &payload),
            "token_malformed",
            "canonical base64url",
        );
    }
}

#[test]
fn an_impossible_length_is_refused() {
    refused_in_every_part(|part| {
        let spare = if part.len() % 4 == 3 {
            2
        } else {
            5 - part.len() % 4
        };
        format!("{part}{}", "A".repeat(spare))
    });
}
