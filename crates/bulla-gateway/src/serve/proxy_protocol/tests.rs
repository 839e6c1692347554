use proptest::prelude::*;

use super::*;

/// What is read, and what is left.
fn read_all(mut bytes: &[u8]) -> (Result<Option<IpAddr>, BadHeader>, &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let read = runtime.block_on(read(&mut bytes));
    (read, bytes)
}

/// The source, if the header is good and nothing behind it was read.
fn source(header: &[u8]) -> Result<Option<IpAddr>, String> {
    let followed = [header, b"GET / HTTP/1.1"].concat();
    let (read, left) = read_all(&followed);
    let read = read.map_err(|error| error.to_string())?;
    assert_eq!(left, b"GET / HTTP/1.1");
    Ok(read)
}

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

/// Version 2 with this block.
fn binary(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len()).unwrap().to_be_bytes();
    [&SIGNATURE[..], &[command, family], &length, block].concat()
}

/// 192.0.2.1:56324 to 203.0.113.9:443.
const IPV4: [u8; 12] = [192, 0, 2, 1, 203, 0, 113, 9, 0xdc, 0x04, 0x01, 0xbb];

#[test]
fn lines_that_tell_of_a_client() {
    for (line, expected) in [
        ("PROXY TCP4 192.0.2.1 203.0.113.9 56324 443", "192.0.2.1"),
        ("PROXY TCP4 192.0.2.1 203.0.113.9 0 65535", "192.0.2.1"),
        ("PROXY TCP6 2001:db8::1 ::1 56324 443", "2001:db8::1"),
    ] {
        let line = format!("{line}\r\n");
        assert_eq!(source(line.as_bytes()), Ok(address(expected)), "{line}");
    }
}

#[test]
fn lines_that_tell_of_nobody() {
    let longest = format!("PROXY UNKNOWN {}\r\n", "f".repeat(91));
    assert_eq!(longest.len(), MAX_LINE);
    for line in ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN x y\r\n", &longest] {
        assert_eq!(source(line.as_bytes()), Ok(None), "{line}");
    }
}

#[test]
fn lines_that_are_not_as_they_must_be() {
    let too_long = format!("PROXY UNKNOWN {}\r\n", "f".repeat(92));
    for line in [
        "GET / HTTP/1.1\r\n",
        "PROXY\r\n123456789",
        "proxy TCP4 192.0.2.1 203.0.113.9 1 2\r\n",
        "PROXY  TCP4 192.0.2.1 203.0.113.9 1 2\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 1\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 1 2 \r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 1 2 3\r\n",
        "PROXY TCP4 192.0.2.1  203.0.113.9 1 2\r\n",
        "PROXY TCP4 192.0.2.01 203.0.113.9 1 2\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113 1 2\r\n",
        "PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
        "PROXY TCP6 192.0.2.1 203.0.113.9 1 2\r\n",
        "PROXY TCP6 [2001:db8::1] ::1 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY UDP4 192.0.2.1 203.0.113.9 1 2\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 +1 2\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 01 2\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 1 65536\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 1 \r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.9 1 2\n",
        "PROXY TCP4 192.0.2.1\r203.0.113.9 1 2\r\n",
        "PROXY UNKNOWNX\r\n",
        &too_long,
    ] {
        assert!(source(line.as_bytes()).is_err(), "{line:?}");
    }
}

#[test]
fn blocks_that_tell_of_a_client() {
    let ipv6 = [&[0x20, 0x01, 0x0d, 0xb8][..], &[0; 31], &[1]].concat();
    let extended = [&IPV4[..], &[0x04, 0, 2, 0, 0], &[0x20, 0, 0]].concat();
    for (family, block, expected) in [
        (0x11, &IPV4[..], "192.0.2.1"),
        (0x11, &extended, "192.0.2.1"),
        (0x21, &ipv6, "2001:db8::"),
    ] {
        let header = binary(0x21, family, block);
        assert_eq!(source(&header), Ok(address(expected)));
    }
}

#[test]
fn blocks_that_tell_of_nobody() {
    let largest = [&[0x04, 0x0f, 0xfd][..], &[0; MAX_BLOCK - 3]].concat();
    for (command, family, block) in [
        (0x20, 0x00, &[][..]),
        (0x20, 0x11, &IPV4),
        (0x20, 0xff, b"whatever"),
        (0x21, 0x00, &[]),
        (0x21, 0x00, &largest),
        (0x21, 0x31, &[0; 216]),
    ] {
        assert_eq!(source(&binary(command, family, block)), Ok(None));
    }
}

#[test]
fn blocks_that_are_not_as_they_must_be() {
    let too_large = [&[0x04, 0x0f, 0xfe][..], &[0; MAX_BLOCK - 2]].concat();
    for (command, family, block) in [
        (0x11, 0x11, &IPV4[..]),
        (0x22, 0x11, &IPV4),
        (0x21, 0x12, &IPV4),
        (0x21, 0x10, &IPV4),
        (0x21, 0x41, &IPV4),
        (0x21, 0x11, &IPV4[..11]),
        (0x21, 0x21, &IPV4),
        (0x21, 0x31, &[0; 215]),
        (0x21, 0x11, &[&IPV4[..], &[0x04]].concat()),
        (0x21, 0x11, &[&IPV4[..], &[0x04, 0, 2, 0]].concat()),
        (0x21, 0x00, &too_large),
    ] {
        let header = binary(command, family, block);
        assert!(source(&header).is_err(), "{command:x} {family:x} {block:?}");
    }
    // A signature alone is not enough.
    assert!(read_all(&SIGNATURE).0.is_err());
    assert!(read_all(&binary(0x21, 0x11, &IPV4)[..27]).0.is_err());
}

proptest! {
    #[test]
    fn every_address_is_read_as_it_was_written_and_nothing_behind_it(
        (client, proxy, ports) in (any::<IpAddr>(), any::<[u8; 16]>(), any::<[u16; 2]>()),
        behind in any::<Vec<u8>>(),
    ) {
        let [from, to] = ports;
        let line = match client {
            IpAddr::V4(client) => format!("PROXY TCP4 {client} 192.0.2.1 {from} {to}\r\n"),
            IpAddr::V6(client) => format!("PROXY TCP6 {client} {} {from} {to}\r\n", Ipv6Addr::from(proxy)),
        };
        let block = match client {
            IpAddr::V4(client) => [&client.octets()[..], &proxy[..8]].concat(),
            IpAddr::V6(client) => [&client.octets()[..], &proxy, &[0; 4]].concat(),
        };
        let family = if client.is_ipv4() { 0x11 } else { 0x21 };
        for header in [line.into_bytes(), binary(0x21, family, &block)] {
            let bytes = [&header[..], &behind].concat();
            let (read, left) = read_all(&bytes);
            prop_assert_eq!(read.unwrap(), Some(client));
            prop_assert_eq!(left, &behind[..]);
        }
    }

    #[test]
    fn anything_is_read_or_refused(
        start in prop::sample::select(vec![&b""[..], b"PROXY ", b"PROXY TCP4 ", &SIGNATURE]),
        rest in any::<Vec<u8>>(),
    ) {
        let bytes = [start, &rest].concat();
        let (read, left) = read_all(&bytes);
        prop_assert!(read.is_err() || bytes.len() - left.len() >= 15);
    }
}
