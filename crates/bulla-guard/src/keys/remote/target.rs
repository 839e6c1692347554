//! Which addresses a JWK set is fetched from: checked on the address that is connected to, whatever a name resolves to at
//! that moment.

use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

use super::JwkSetUrl;
use crate::client::Cidr;

/// Public addresses over TLS, and those that are listed.
#[derive(Debug, Clone)]
pub(super) struct Targets {
    https: bool,
    listed: Arc<[Cidr]>,
}

/// An address that no JWK set is fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// It belongs to this machine, or to a network that is not the internet.
    #[error("{0} is not a public address, and is not listed as one to fetch keys from")]
    NotPublic(IpAddr),
    /// Whoever is on the way could send other keys.
    #[error("{0} is not listed as an address to fetch keys from without TLS")]
    WithoutTls(IpAddr),
    /// The same of a name, whatever it leads to.
    #[error("no address is listed to fetch keys from without TLS")]
    NameWithoutTls,
}

impl Targets {
    pub(super) fn new(url: &JwkSetUrl, listed: &[Cidr]) -> Self {
        Self {
            https: url.is_https(),
            listed: listed.into(),
        }
    }

    pub(super) fn check(&self, address: IpAddr) -> Result<(), AddressRefused> {
        if self.listed.iter().any(|listed| listed.contains(address)) {
            Ok(())
        } else if !is_public(address) {
            Err(AddressRefused::NotPublic(address))
        } else if !self.https {
            Err(AddressRefused::WithoutTls(address))
        } else {
            Ok(())
        }
    }

    /// Those of the addresses that may be connected to.
    fn among(&self, resolved: Vec<SocketAddr>) -> io::Result<vec::IntoIter<SocketAddr>> {
        let refused = |address: &SocketAddr| self.check(address.ip()).err();
        let first = resolved.iter().find_map(refused);
        let good: Vec<_> = resolved
            .into_iter()
            .filter(|address| refused(address).is_none())
            .collect();
        match first {
            Some(refused) if good.is_empty() => Err(io::Error::other(refused)),
            _ => Ok(good.into_iter()),
        }
    }
}

/// Resolves names as the system does, to addresses that may be connected to.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    system: GaiResolver,
    targets: Targets,
}

impl Resolver {
    pub(super) fn new(targets: Targets) -> Self {
        Self {
            system: GaiResolver::new(),
            targets,
        }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolved = self.system.call(name);
        let targets = self.targets.clone();
        Box::pin(async move { targets.among(resolved.await?.collect()) })
    }
}

/// Whether an address is one of the internet (the registries of RFC 6890, and no address that only stands for another).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation();
    let reserved = matches!(
        address.octets(),
        [0 | 240..=255, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..]
    );
    !special && !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // An IPv4 address behind a translator (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for public in [
            "1.1.1.1",
            "172.15.0.1",
            "100.63.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2001:200::1",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(address(public)), "{public}");
        }
        for other in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(address(other)), "{other}");
        }
    }

    fn check(https: bool, listed: &[&str], target: &str) -> Result<(), AddressRefused> {
        let listed = listed.iter().map(|range| range.parse().unwrap()).collect();
        Targets { https, listed }.check(address(target))
    }

    #[test]
    fn what_is_not_public_or_not_encrypted_has_to_be_listed() {
        let public = address("1.1.1.1");
        let private = address("10.0.0.1");
        assert_eq!(check(true, &[], "1.1.1.1"), Ok(()));
        assert_eq!(
            check(false, &[], "1.1.1.1"),
            Err(AddressRefused::WithoutTls(public))
        );
        assert_eq!(check(false, &["1.1.1.1"], "1.1.1.1"), Ok(()));
        assert_eq!(
            check(true, &[], "10.0.0.1"),
            Err(AddressRefused::NotPublic(private))
        );
        assert_eq!(check(true, &["10.0.0.0/8"], "10.0.0.1"), Ok(()));
        assert_eq!(check(false, &["10.0.0.0/8"], "10.0.0.1"), Ok(()));
        let elsewhere = check(false, &["10.0.0.0/8"], "192.168.0.1");
        assert!(elsewhere.is_err());
    }

    #[test]
    fn a_name_with_a_good_and_a_bad_address_leads_to_the_good_one_alone() {
        let targets = Targets {
            https: true,
            listed: Arc::new([]),
        };
        let (good, bad) = (
            SocketAddr::from(([1, 1, 1, 1], 0)),
            SocketAddr::from(([127, 0, 0, 1], 0)),
        );
        let left: Vec<_> = targets.among(vec![bad, good]).unwrap().collect();
        assert_eq!(left, [good]);
        let refused = targets.among(vec![bad]).unwrap_err();
        assert!(refused.to_string().contains("127.0.0.1"), "{refused}");
    }
}
