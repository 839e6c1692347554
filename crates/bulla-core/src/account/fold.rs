//! The form in which names are compared, and what no name may hold.

use unicode_normalization::UnicodeNormalization;

/// NFKC and lower case. Lower case can undo the normal form, so it is restored: folding twice
/// changes nothing.
pub(super) fn fold(text: &str) -> String {
    let lower = text.nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect()
}

/// Characters that leave no mark, or turn the ones around them: two names that differ only in
/// these look the same.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
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
