//! Who is never judged.

use std::net::IpAddr;

use crate::client::Cidr;

/// Whom nothing is counted against, and whether anything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spared {
    /// Whether offences are counted. If not, nobody is challenged or banned but by an administrator.
    pub scoring: bool,
    /// Never scored, throttled, challenged or banned.
    pub exempt: Vec<Cidr>,
    /// Proxies that say who asked them: what they bring is their clients' doing.
    pub proxies: Vec<Cidr>,
}

impl Default for Spared {
    /// This machine's own two addresses, and no proxy.
    fn default() -> Self {
        let [_, loopback] = Cidr::LOOPBACK;
        Self {
            scoring: true,
            exempt: vec![Cidr::from(IpAddr::from([127, 0, 0, 1])), loopback],
            proxies: Vec::new(),
        }
    }
}

impl Spared {
    /// Whether an address is spared.
    #[must_use]
    pub fn spares(&self, address: IpAddr) -> bool {
        let ranges = || self.exempt.iter().chain(&self.proxies);
        ranges().any(|range| range.contains(address))
    }

    /// Whether all of a range is.
    pub(super) fn spares_all_of(&self, range: &Cidr) -> bool {
        let ranges = || self.exempt.iter().chain(&self.proxies);
        ranges().any(|wider| wider.covers(range))
    }
}
