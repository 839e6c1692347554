use bulla_jose::base64url::{InvalidBase64Url, decode, encode};

#[test]
fn the_examples_of_rfc_4648_and_rfc_7515_round_trip() {
    let examples: [(&[u8], &str); 8] = [
        (b"", ""),
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg"),
        (b"fooba", "Zm9vYmE"),
        (b"foobar", "Zm9vYmFy"),
        (&[3, 236, 255, 224, 193], "A-z_4ME"),
    ];
    for (bytes, text) in examples {
        assert_eq!(encode(bytes), text);
        assert_eq!(decode(text.as_bytes()).as_deref(), Ok(bytes));
    }
}

#[test]
fn exactly_one_spelling_of_every_short_text_is_accepted() {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for &first in &every_byte {
        for &second in &every_byte {
            for text in [vec![first], vec![first, second], vec![b'A', first, second]] {
                if let Ok(bytes) = decode(&text) {
                    assert_eq!(encode(&bytes).as_bytes(), text);
                }
            }
        }
    }
}

#[test]
fn trailing_bits_are_refused_behind_a_text_of_any_length() {
    for length in 1..100 {
        let bytes = vec![0xff; length];
        let mut text = encode(&bytes).into_bytes();
        assert_eq!(decode(&text), Ok(bytes), "the control");
        let free_bits = [0, 4, 2][length % 3];
        if free_bits > 0 {
            let last = text.last_mut().unwrap();
            *last += 1;
            assert_eq!(decode(&text), Err(InvalidBase64Url), "{length}");
        }
    }
}

#[test]
fn foreign_characters_are_refused_at_every_place() {
    let good = encode(&[0x5a; 96]).into_bytes();
    assert!(decode(&good).is_ok(), "the control");
    for at in 0..good.len() {
        for foreign in *b"+/=. \n\t\0\x7f\xc3" {
            let mut text = good.clone();
            text[at] = foreign;
            assert_eq!(decode(&text), Err(InvalidBase64Url), "{foreign} at {at}");
        }
    }
}
