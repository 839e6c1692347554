//! The form in which names are compared, and what no name may hold.

use unicode_normalization::UnicodeNormalization;

/// NFKC and lower case. Lower case can undo the normal form, so it is restored: folding twice
/// changes nothing.
pub(super) fn fold(text: &str) -> String {
    let lower = text.nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect()
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
