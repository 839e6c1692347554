//! Address ranges.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A range of IP addresses: `10.0.0.0/8`, `fd00::/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Every address.
    pub const EVERYTHING: [Self; 2] = [
        Self {
            network: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            prefix: 0,
        },
        Self {
            network: IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            prefix: 0,
        },
    ];

    /// The addresses of this machine alone.
    pub const LOOPBACK: [Self; 2] = [
        Self {
            network: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)),
            prefix: 8,
        },
        Self {
            network: IpAddr::V6(Ipv6Addr::LOCALHOST),
            prefix: 128,
        },
    ];

    /// The range of the addresses that share the first `prefix` bits with `network`. One of IPv4 that is mapped into IPv6
    /// counts as it.
    ///
    /// # Errors
    /// The prefix is longer than the address, or `network` has bits beyond it.
    pub fn new(network: IpAddr, prefix: u8) -> Result<Self, InvalidCidr> {
        let (network, prefix) = match network.to_canonical() {
            IpAddr::V4(mapped) if network.is_ipv6() && prefix >= 96 => (mapped.into(), prefix - 96),
            _ => (network, prefix),
        };
        let width = if network.is_ipv4() { 32 } else { 128 };
        if prefix > width {
            return Err(InvalidCidr::PrefixTooLong { prefix, width });
        }
        let range = Self {
            network: first_of(network, prefix),
            prefix,
        };
        if range.network == network {
            Ok(range)
        } else {
            Err(InvalidCidr::BitsBeyondPrefix { meant: range })
        }
    }

    /// Its first address.
    #[must_use]
    pub const fn network(&self) -> IpAddr {
        self.network
    }

    /// Bits that its addresses share.
    #[must_use]
    pub const fn length(&self) -> u8 {
        self.prefix
    }

    /// The range of this length that an address lies in.
    pub(crate) fn around(address: IpAddr, prefix: u8) -> Self {
        let address = address.to_canonical();
        Self {
            network: first_of(address, prefix),
            prefix,
        }
    }

    /// Whether it is a single address.
    #[must_use]
    pub const fn is_address(&self) -> bool {
        self.prefix == if self.network.is_ipv4() { 32 } else { 128 }
    }

    /// Whether all addresses of the other one are in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.network)
    }

    /// Whether the address lies in the range. An IPv4 address mapped into IPv6 counts as the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4()
            && first_of(address, self.prefix) == self.network
    }
}

/// The one address. One of IPv4 that is mapped into IPv6 counts as it.
impl From<IpAddr> for Cidr {
    fn from(address: IpAddr) -> Self {
        let network = address.to_canonical();
        let prefix = if network.is_ipv4() { 32 } else { 128 };
        Self { network, prefix }
    }
}

impl FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (network, prefix) = match text.split_once('/') {
            Some((network, prefix)) => {
                let plain = prefix.bytes().all(|byte| byte.is_ascii_digit());
                let prefix = prefix.parse().ok().filter(|_| plain);
                (network, Some(prefix.ok_or(InvalidCidr::Syntax)?))
            }
            None => (text, None),
        };
        let network: IpAddr = network.parse().map_err(|_| InvalidCidr::Syntax)?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        Self::new(network, prefix.unwrap_or(width))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// A text that is no address range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCidr {
    /// Neither an address nor an address, `/` and a decimal prefix length.
    #[error("not an address range such as 10.0.0.0/8 or fd00::/8")]
    Syntax,
    /// The prefix has more bits than the address.
    #[error("a prefix of {prefix} bits is longer than the address ({width} bits)")]
    PrefixTooLong {
        /// Bits asked for.
        prefix: u8,
        /// Bits of such an address.
        width: u8,
    },
    /// The address has bits set that the prefix does not cover, so one of the two is a mistake.
    #[error("the address has bits set beyond the prefix")]
    BitsBeyondPrefix {
        /// The range that the address lies in.
        meant: Cidr,
    },
}

/// The first of the addresses that share so many bits with this one.
fn first_of(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: &str, inside: &[&str], outside: &[&str]) {
        let range: Cidr = range.parse().unwrap();
        for address in inside {
            assert!(
                range.contains(address.parse().unwrap()),
                "{range:?} {address}"
            );
        }
        for address in outside {
            assert!(
                !range.contains(address.parse().unwrap()),
                "{range:?} {address}"
            );
        }
    }

    #[test]
    fn contains_exactly_the_addresses_that_share_the_prefix() {
        check(
            "10.0.0.0/8",
            &["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"],
            &["11.0.0.0", "a00::"],
        );
        check("127.0.0.1", &["127.0.0.1"], &["127.0.0.2"]);
        check("0.0.0.0/0", &["255.255.255.255"], &["::1"]);
        check("fd00::/8", &["fdff::1"], &["fe00::1", "10.0.0.1"]);
        check("::/0", &["::1"], &["1.2.3.4"]);
    }

    #[test]
    fn refuses_what_is_no_range() {
        for (text, expected) in [
            (
                "10.0.0.0/33",
                InvalidCidr::PrefixTooLong {
                    prefix: 33,
                    width: 32,
                },
            ),
            (
                "10.0.0.1/8",
                InvalidCidr::BitsBeyondPrefix {
                    meant: "10.0.0.0/8".parse().unwrap(),
                },
            ),
            (
                "::/129",
                InvalidCidr::PrefixTooLong {
                    prefix: 129,
                    width: 128,
                },
            ),
            ("10.0.0.0/+8", InvalidCidr::Syntax),
            ("10.0.0.0/", InvalidCidr::Syntax),
            ("localhost", InvalidCidr::Syntax),
        ] {
            assert_eq!(text.parse::<Cidr>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_range_is_shown_as_it_is_written() {
        for (text, shown) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::1", "::1/128"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ] {
            assert_eq!(text.parse::<Cidr>().unwrap().to_string(), shown);
        }
    }
}
