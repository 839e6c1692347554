//! Which browser on which operating system a `User-Agent` names (RFC 9110, 10.1.5): enough to know
//! one's own devices by, and no proof of anything.

use std::fmt;

/// A browser family, or another program's name, and an operating system, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product<'a> {
    family: Option<&'a str>,
    system: Option<&'static str>,
}

/// Browsers name what they are compatible with too, so the first that is found here is it.
const FAMILIES: [(&str, &str); 19] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Trident/", "Internet Explorer"),
    ("MSIE ", "Internet Explorer"),
];

/// Likewise: an iPhone says "like Mac OS X", Android says "Linux".
const SYSTEMS: [(&str, &str); 11] = [
    ("Windows", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("iPod", "iOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("macOS", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

/// The most that is taken of the name of another program.
const MAX_NAME_BYTES: usize = 32;

impl<'a> Product<'a> {
    pub(super) fn of(user_agent: &'a str) -> Self {
        let found = |table: &[(&str, &'static str)]| {
            let entry = table.iter().find(|(mark, _)| user_agent.contains(mark));
            entry.map(|(_, name)| *name)
        };
        Self {
            family: found(&FAMILIES).or_else(|| program(user_agent)),
            system: found(&SYSTEMS),
        }
    }
}

/// The first product of what is no browser: `okhttp` of `okhttp/4.12.0`.
fn program(user_agent: &str) -> Option<&str> {
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let (name, _) = user_agent
        .split_once(['/', ' '])
        .unwrap_or((user_agent, ""));
    let is_name = (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(named);
    (is_name && name != "Mozilla").then_some(name)
}

impl fmt::Display for Product<'_> {
    /// `Firefox on Linux`, `curl`, `Linux`, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.family, self.system) {
            (Some(family), Some(system)) => write!(f, "{family} on {system}"),
            (family, system) => f.write_str(family.or(system).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn browsers_and_programs_are_known() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
                "Chrome on iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 OPR/116.0.0.0",
                "Opera on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
                "Internet Explorer on Windows",
            ),
            (
                "Mozilla/5.0 (X11; FreeBSD amd64; rv:133.0) Gecko/20100101 Firefox/133.0",
                "Firefox on Unix",
            ),
            (
                "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
                "Firefox on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("okhttp/4.12.0", "okhttp"),
            ("node", "node"),
            ("Orders/7.1 (iPhone; iOS 18.1; Scale/3.00)", "Orders on iOS"),
            ("Mozilla/5.0 (Linux)", "Linux"),
            ("Mozilla/5.0", ""),
            ("", ""),
            ("<script>/1", ""),
        ] {
            assert_eq!(Product::of(user_agent).to_string(), name, "{user_agent}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_short_and_plain_whatever_is_sent(user_agent in "\\PC{0,80}") {
            let name = Product::of(&user_agent).to_string();
            prop_assert!(name.len() <= MAX_NAME_BYTES + " on ChromeOS".len());
            prop_assert!(name.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
        }
    }
}
