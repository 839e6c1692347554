//! The part of an address that has one holder.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use super::{Cidr, InvalidCidr};

/// What is counted for an address: an IPv4 address itself, and of an IPv6 address the first 64, 56 or 48 bits. Who has one
/// address of a /64 has all of it, and often a /56 or a /48.
///
/// Its text is `203.0.113.7/32`, `2001:db8:1:2::/64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressPrefix {
    /// An IPv4 address, or the first half of an IPv6 one.
    bits: u64,
    /// 32 is IPv4.
    length: u8,
}

/// A range that is no prefix of these lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddressPrefix {
    /// No range at all.
    #[error(transparent)]
    Cidr(#[from] InvalidCidr),
    /// Another length.
    #[error("expected an IPv4 address (/32), or an IPv6 range of /64, /56 or /48")]
    Length,
}

impl AddressPrefix {
    /// The narrowest one that an address is in: /32 or /64. An IPv4 address mapped into IPv6 counts as the IPv4 address.
    #[must_use]
    pub fn narrowest(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self {
                bits: address.to_bits().into(),
                length: 32,
            },
            IpAddr::V6(address) => Self {
                bits: (address.to_bits() >> 64) as u64,
                length: 64,
            },
        }
    }

    /// The next wider one: /56 of a /64, /48 of a /56.
    #[must_use]
    pub const fn wider(self) -> Option<Self> {
        let length = match self.length {
            64 => 56,
            56 => 48,
            _ => return None,
        };
        let bits = self.bits & (u64::MAX << (64 - length));
        Some(Self { bits, length })
    }

    /// All that an address is in, the narrowest first.
    pub fn all(address: IpAddr) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(Self::narrowest(address)), |prefix| prefix.wider())
    }

    /// Bits that its addresses share.
    #[must_use]
    pub const fn length(self) -> u8 {
        self.length
    }

    /// How many times as much as the narrowest ones this may do.
    #[must_use]
    pub const fn share(self) -> u32 {
        Self::share_of(self.length)
    }

    /// The [share](Self::share) of a prefix of this length: more neighbours are in a /56 and in a /48, though not 256 and
    /// 65,536 of them at once.
    #[must_use]
    pub const fn share_of(length: u8) -> u32 {
        match length {
            48 => 16,
            56 => 4,
            _ => 1,
        }
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        Self::all(address).any(|prefix| prefix == self)
    }

    /// Its first address.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match (self.length, u32::try_from(self.bits)) {
            (32, Ok(bits)) => Ipv4Addr::from_bits(bits).into(),
            _ => Ipv6Addr::from_bits(u128::from(self.bits) << 64).into(),
        }
    }
}

impl From<AddressPrefix> for Cidr {
    fn from(prefix: AddressPrefix) -> Self {
        Self::around(prefix.network(), prefix.length())
    }
}

impl TryFrom<Cidr> for AddressPrefix {
    type Error = InvalidAddressPrefix;

    fn try_from(range: Cidr) -> Result<Self, InvalidAddressPrefix> {
        Self::all(range.network())
            .find(|prefix| prefix.length == range.length())
            .ok_or(InvalidAddressPrefix::Length)
    }
}

impl FromStr for AddressPrefix {
    type Err = InvalidAddressPrefix;

    fn from_str(text: &str) -> Result<Self, InvalidAddressPrefix> {
        text.parse::<Cidr>()?.try_into()
    }
}

impl fmt::Display for AddressPrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.network(), self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(address: &str) -> Vec<String> {
        let address = address.parse().unwrap();
        AddressPrefix::all(address)
            .map(|prefix| prefix.to_string())
            .collect()
    }

    #[test]
    fn an_address_is_in_one_prefix_or_in_three() {
        assert_eq!(all("203.0.113.7"), ["203.0.113.7/32"]);
        assert_eq!(all("::ffff:203.0.113.7"), ["203.0.113.7/32"]);
        assert_eq!(
            all("2001:db8:1:23ff::9"),
            [
                "2001:db8:1:23ff::/64",
                "2001:db8:1:2300::/56",
                "2001:db8:1::/48"
            ]
        );
        assert_eq!(all("::1"), ["::/64", "::/56", "::/48"]);
        assert_ne!(
            AddressPrefix::narrowest("0.0.0.0".parse().unwrap()),
            AddressPrefix::narrowest("::".parse().unwrap())
        );
    }

    #[test]
    fn a_prefix_contains_the_addresses_that_share_it() {
        let wide: AddressPrefix = "2001:db8:1:2300::/56".parse().unwrap();
        assert!(wide.contains("2001:db8:1:23ff::9".parse().unwrap()));
        assert!(!wide.contains("2001:db8:1:2400::".parse().unwrap()));
        let one: AddressPrefix = "203.0.113.7".parse().unwrap();
        assert!(one.contains("::ffff:203.0.113.7".parse().unwrap()));
        assert!(!one.contains("203.0.113.8".parse().unwrap()));
    }

    #[test]
    fn a_text_is_read_as_it_is_written() {
        for text in [
            "203.0.113.7/32",
            "2001:db8:1:2::/64",
            "2001:db8:1:200::/56",
            "::/48",
        ] {
            assert_eq!(text.parse::<AddressPrefix>().unwrap().to_string(), text);
        }
        for text in ["10.0.0.0/8", "::1", "2001:db8::/32", "2001:db8::/60"] {
            assert_eq!(
                text.parse::<AddressPrefix>(),
                Err(InvalidAddressPrefix::Length),
                "{text}"
            );
        }
        assert!(matches!(
            "203.0.113.7/31".parse::<AddressPrefix>(),
            Err(InvalidAddressPrefix::Cidr(_))
        ));
    }
}
