//! What was probably meant.

/// Keys that are sometimes looked for in the wrong section.
const KEYS: [&str; 16] = [
    "public_url",
    "trusted_proxies",
    "demo",
    "listen.public",
    "listen.admin",
    "store.url",
    "tokens.algorithm",
    "tokens.issuer",
    "tokens.audience",
    "tokens.access_lifetime",
    "tokens.profile_claims",
    "session.settle",
    "session.idle",
    "session.absolute",
    "session.max_per_user",
    "password.min_length",
];

/// The candidate that `word` is a misspelling of, if one is near enough.
pub(super) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let folded = word.to_ascii_lowercase().replace('-', "_");
    let distance = |candidate: &str| {
        strsim::damerau_levenshtein(&folded, &candidate.to_ascii_lowercase().replace('-', "_"))
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The dotted key in another section that ends like this one.
pub(super) fn elsewhere(key: &str) -> Option<&'static str> {
    let name = |key: &'static str| key.rsplit('.').next();
    let key = key.rsplit('.').next().unwrap_or(key);
    KEYS.into_iter()
        .find(|candidate| name(candidate) == Some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_its_word_and_another_word_does_not() {
        let keys = ["public", "admin"];
        for (word, meant) in [
            ("pubilc", Some("public")),
            ("Public", Some("public")),
            ("adm1n", Some("admin")),
            ("private", None),
            ("", None),
        ] {
            assert_eq!(closest(word, keys), meant, "{word}");
        }
    }

    #[test]
    fn a_hyphen_counts_as_an_underscore() {
        assert_eq!(closest("min-length", ["min_length"]), Some("min_length"));
    }

    #[test]
    fn a_key_of_another_section_is_found_there() {
        assert_eq!(elsewhere("tokens.settle"), Some("session.settle"));
        assert_eq!(elsewhere("issuer"), Some("tokens.issuer"));
        assert_eq!(elsewhere("nonsense"), None);
    }
}
