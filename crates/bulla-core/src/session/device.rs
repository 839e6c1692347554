//! What a request tells about the client, and whether it is another one than before.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::product::Product;

/// What a request tells about the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The `User-Agent` header, cut to [`MAX_USER_AGENT_BYTES`](Self::MAX_USER_AGENT_BYTES).
    pub user_agent: Option<String>,
    /// The client's address as the gateway knows it.
    pub address: Option<IpAddr>,
}

/// How far one device differs from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Another browser family or operating system, in words.
    pub device: Option<String>,
    /// Another network, in words.
    pub network: Option<String>,
}

impl Device {
    /// The most that is kept of a `User-Agent`.
    pub const MAX_USER_AGENT_BYTES: usize = 256;

    /// A device with as much of its `User-Agent` as is kept.
    #[must_use]
    pub fn new(user_agent: Option<&str>, address: Option<IpAddr>) -> Self {
        let kept = |text: &str| {
            let mut end = text.len().min(Self::MAX_USER_AGENT_BYTES);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text[..end].to_owned()
        };
        Self {
            user_agent: user_agent.map(kept),
            address,
        }
    }

    /// What to call it: `Firefox on Linux`. `None` if it says nothing that is known.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let name = self.product().to_string();
        (!name.is_empty()).then_some(name)
    }

    /// How it differs from the device that was there before: browser family and operating system,
    /// never their versions; and the network: a /16 of IPv4, a /32 of IPv6. An address that is
    /// not known differs from none.
    #[must_use]
    pub fn moved_from(&self, before: &Self) -> Move {
        let (old, new) = (before.product(), self.product());
        let networks = before.address.map(network).zip(self.address.map(network));
        Move {
            device: (old != new).then(|| format!("{} instead of {}", shown(new), shown(old))),
            network: networks
                .filter(|(old, new)| old != new)
                .map(|(old, new)| format!("{new} instead of {old}")),
        }
    }

    fn product(&self) -> Product<'_> {
        Product::of(self.user_agent.as_deref().unwrap_or_default())
    }
}

impl Move {
    /// Whether both are the same.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.device.is_none() && self.network.is_none()
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.device, &self.network];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join(", "))
    }
}

fn shown(product: Product<'_>) -> String {
    match product.to_string() {
        nothing if nothing.is_empty() => "an unknown client".to_owned(),
        name => name,
    }
}

/// The address with what is not told apart set to zero, and how much is left.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            format!("{}/16", Ipv4Addr::new(first, second, 0, 0))
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            format!("{}/32", Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    const NEWER: &str =
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    const WINDOWS: &str =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";

    fn check(before: (&str, &str), now: (&str, &str), said: &str) {
        let device = |(user_agent, address): (&str, &str)| {
            let user_agent = Some(user_agent).filter(|text| !text.is_empty());
            Device::new(user_agent, address.parse().ok())
        };
        let moved = device(now).moved_from(&device(before));
        assert_eq!(moved.to_string(), said, "{before:?} {now:?}");
        assert_eq!(moved.is_none(), said.is_empty());
    }

    #[test]
    fn an_update_and_a_neighbouring_address_are_no_move() {
        for (before, now) in [
            ((FIREFOX, "192.0.2.1"), (FIREFOX, "192.0.2.1")),
            ((FIREFOX, "192.0.2.1"), (NEWER, "192.0.255.254")),
            ((FIREFOX, "192.0.2.1"), (NEWER, "::ffff:192.0.7.7")),
            ((FIREFOX, "2001:db8::1"), (NEWER, "2001:db8:ffff::1")),
            (("curl/8.5", ""), ("curl/8.9 (more)", "")),
            // What is not known cannot be told apart.
            ((FIREFOX, ""), (FIREFOX, "192.0.2.1")),
            ((FIREFOX, "192.0.2.1"), (FIREFOX, "")),
        ] {
            check(before, now, "");
        }
    }

    #[test]
    fn another_family_system_or_network_is_one() {
        let here = (FIREFOX, "192.0.2.1");
        check(
            here,
            (WINDOWS, "192.0.2.1"),
            "Firefox on Windows instead of Firefox on Linux",
        );
        check(
            here,
            ("curl/8", "198.51.100.1"),
            "curl instead of Firefox on Linux, 198.51.0.0/16 instead of 192.0.0.0/16",
        );
        check(
            here,
            (FIREFOX, "2001:db8::1"),
            "2001:db8::/32 instead of 192.0.0.0/16",
        );
        check(
            (FIREFOX, "2001:db8::1"),
            (FIREFOX, "2001:db9::1"),
            "2001:db9::/32 instead of 2001:db8::/32",
        );
        check(
            here,
            ("", ""),
            "an unknown client instead of Firefox on Linux",
        );
    }

    #[test]
    fn a_user_agent_is_cut_between_characters() {
        let kept = |text: &str| Device::new(Some(text), None).user_agent.unwrap();
        assert_eq!(kept("curl/8"), "curl/8");
        assert_eq!(kept(&"x".repeat(256)).len(), 256);
        assert_eq!(kept(&"x".repeat(257)).len(), 256);
        assert_eq!(kept(&"\u{e9}x".repeat(100)).len(), 255);
        assert_eq!(Device::new(None, None), Device::default());
    }

    #[test]
    fn a_device_that_says_nothing_known_has_no_name() {
        assert_eq!(
            Device::new(Some(FIREFOX), None).name().as_deref(),
            Some("Firefox on Linux")
        );
        for user_agent in [None, Some(""), Some("Mozilla/5.0"), Some("\u{e9}/1")] {
            assert_eq!(Device::new(user_agent, None).name(), None);
        }
    }
}
