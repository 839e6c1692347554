//! What was probably meant.

use super::EXAMPLE;

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
pub(super) fn elsewhere(key: &str) -> Option<String> {
    let name = key.rsplit('.').next().unwrap_or(key);
    keys().find(|candidate| candidate.rsplit('.').next() == Some(name))
}

/// Every key there is, dotted: those of the example, which shows them all.
pub(super) fn keys() -> impl Iterator<Item = String> {
    let mut section = "";
    let settings = EXAMPLE.lines().filter_map(|line| line.strip_prefix('#'));
    settings.filter_map(move |setting| {
        if setting.starts_with('[') {
            section = setting.trim_matches(['[', ']']);
            return None;
        }
        let (key, _) = setting.split_once(" = ")?;
        if key.starts_with(' ') || key.is_empty() {
            return None;
        }
        Some(match section {
            "" => key.to_owned(),
            section => format!("{section}.{key}"),
        })
    })
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
        for (key, meant) in [
            ("tokens.settle", Some("session.settle")),
            ("issuer", Some("tokens.issuer")),
            ("address", Some("limits.address")),
            ("upstream[1].body_limit", Some("route.body_limit")),
            ("route[1].demo", Some("demo")),
            ("nonsense", None),
        ] {
            assert_eq!(elsewhere(key).as_deref(), meant, "{key}");
        }
    }
}
