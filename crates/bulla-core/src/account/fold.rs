//! The form in which names are compared, the form in which they look alike, and what no name may hold.

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// NFKC and lower case. Lower case can undo the normal form, so it is restored: folding twice
/// changes nothing.
pub(super) fn fold(text: &str) -> String {
    let lower = text.nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect()
}

/// What a name looks like: the skeleton of UTS 39 section 4 of the name as it was written (a capital I looks like a
/// small l, a small i does not), then folded. Two names with the same one can be taken for each other.
pub(super) fn likeness(text: &str) -> String {
    let normal: String = text.nfkc().collect();
    fold(&skeleton(&normal).collect::<String>())
}

/// Like [`likeness`], but every ASCII character is itself: `burns` and `bums` are two, and `раypal` with Cyrillic letters
/// is `paypal`. For names that nobody is free to choose anew.
pub(super) fn likeness_in_ascii(folded: &str) -> String {
    if folded.is_ascii() {
        return folded.to_owned();
    }
    let mut buffer = [0; 4];
    let mut text = String::with_capacity(folded.len());
    for character in folded.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            text.extend(skeleton(character.encode_utf8(&mut buffer)));
        }
    }
    fold(&text)
}

/// Characters that leave no mark, or turn the ones around them: two names that differ only in
/// these look the same. Unicode's `Default_Ignorable_Code_Point`, the annotation marks and the empty
/// Braille pattern.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn folding_any_text_twice_is_folding_it_once(text in "\\PC{0,20}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }

    #[test]
    fn what_leaves_no_mark_is_in_no_name_and_no_address() {
        use crate::account::{DisplayName, Email, Username};

        let parsed = |between: &str| {
            let name = format!("ali{between}ce");
            (
                Email::parse(&format!("{name}@example.com")).is_ok(),
                Username::parse(&name).is_ok(),
                DisplayName::parse(&name).is_ok(),
            )
        };
        assert_eq!(parsed(""), (true, true, true));
        assert_eq!(parsed("한글"), (true, true, true));
        let ranges = [
            '\u{ad}'..='\u{ad}',
            '\u{34f}'..='\u{34f}',
            '\u{115f}'..='\u{1160}',
            '\u{180b}'..='\u{180f}',
            '\u{200b}'..='\u{200f}',
            '\u{2060}'..='\u{2064}',
            '\u{2800}'..='\u{2800}',
            '\u{3164}'..='\u{3164}',
            '\u{fe00}'..='\u{fe0f}',
            '\u{feff}'..='\u{feff}',
            '\u{ffa0}'..='\u{ffa0}',
            '\u{e0000}'..='\u{e007f}',
            '\u{e0100}'..='\u{e01ef}',
        ];
        for character in ranges.into_iter().flatten() {
            // The joiners belong to names in several scripts, and display names are never compared.
            let joiner = matches!(character, '\u{200c}' | '\u{200d}');
            let accepted = parsed(&character.to_string());
            assert_eq!(accepted, (false, false, joiner), "{character:?}");
        }
    }

    #[test]
    fn names_that_look_alike_have_one_likeness() {
        for (name, other) in [
            ("paypal", "p\u{430}yp\u{430}l"),
            ("paypal", "paypaI"),
            ("paypal", "paypa1"),
            ("modern", "modem"),
            ("bob0", "bobO"),
            ("bobo", "bob0"),
            ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"),
            ("omega", "\u{3bf}mega"),
        ] {
            assert_eq!(likeness(name), likeness(other), "{name} {other}");
        }
    }

    #[test]
    fn other_names_have_another_likeness() {
        for (name, other) in [
            ("alice", "alicia"),
            ("ian", "lan"),
            ("\u{43c}\u{430}\u{448}\u{430}", "masha"),
            ("zoe", "zo\u{eb}"),
            ("\u{3bd}\u{3af}\u{3ba}\u{3bf}\u{3c2}", "nikos"),
            ("user1", "user2"),
        ] {
            assert_ne!(likeness(name), likeness(other), "{name} {other}");
        }
    }

    #[test]
    fn ascii_is_itself_where_nobody_is_free_to_choose() {
        for (name, other, alike) in [
            ("burns@a.example", "bums@a.example", false),
            ("amy1@a.example", "amyl@a.example", false),
            ("amy@a.example", "\u{430}my@a.example", true),
            ("amy@apple.example", "amy@\u{430}pple.example", true),
            ("j\u{fc}rgen@a.example", "jurgen@a.example", false),
        ] {
            let same = likeness_in_ascii(name) == likeness_in_ascii(other);
            assert_eq!(same, alike, "{name} {other}");
        }
    }

    #[test]
    fn folding_is_idempotent() {
        for text in ["Alice", "ALİCE", "ﬁne", "Ａｌｉｃｅ", "Å", "ǅ", "ϓ", "ẞ"] {
            let once = fold(text);
            assert_eq!(fold(&once), once, "{text}");
        }
    }

    #[test]
    fn case_and_width_do_not_matter() {
        assert_eq!(fold("Ａlice"), fold("aLICE"));
        assert_ne!(fold("alice"), fold("alicf"));
    }
}
