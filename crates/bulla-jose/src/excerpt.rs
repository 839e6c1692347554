/// The beginning of a text that somebody else wrote, fit for an error and a log: at most 64 characters, nothing in it
/// that could end a line or hide.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 64;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_cut_and_made_visible() {
        assert_eq!(excerpt("HS256"), "HS256");
        assert_eq!(excerpt("a\r\nb\u{202e}\"c"), r#"a\r\nb\u{202e}\"c"#);
        assert_eq!(excerpt(&"x".repeat(65)), format!("{}…", "x".repeat(64)));
    }
}
