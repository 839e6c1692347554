//! Addresses to listen on: `127.0.0.1:8080`, `[::]:8080`.

use std::net::SocketAddr;

use super::InvalidValue;

/// Reads an IP address with a port.
///
/// # Errors
/// [`InvalidValue`] for anything else, a host name too.
pub fn parse_address(text: &str) -> Result<SocketAddr, InvalidValue> {
    text.parse().map_err(|_| {
        let port = text
            .strip_prefix("localhost:")
            .or_else(|| text.strip_prefix(':'))
            .unwrap_or(text);
        let suggestion = port
            .parse::<u16>()
            .ok()
            .map(|port| format!("127.0.0.1:{port}"));
        InvalidValue::new("an address and a port such as `127.0.0.1:8080`", suggestion)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_families_are_read() {
        for text in ["127.0.0.1:8080", "0.0.0.0:0", "[::1]:443"] {
            assert_eq!(parse_address(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_port_alone_is_refused_with_a_suggestion() {
        for text in ["8080", ":8080", "localhost:8080"] {
            let refused = parse_address(text).unwrap_err();
            assert_eq!(
                refused.suggestion.as_deref(),
                Some("127.0.0.1:8080"),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "127.0.0.1",
            "example.com:80",
            "127.0.0.1:65536",
            "::1:80x",
        ] {
            assert_eq!(parse_address(text).unwrap_err().suggestion, None, "{text}");
        }
    }
}
