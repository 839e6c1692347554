//! Networks: `10.0.0.0/8`, `2001:db8::/32`, or one address.

use bulla_guard::client::{Cidr, InvalidCidr};

use super::InvalidValue;

/// Reads a network in CIDR notation, or one address.
///
/// # Errors
/// [`InvalidValue`] for anything else, and for bits that are set behind the prefix.
pub fn parse_network(text: &str) -> Result<Cidr, InvalidValue> {
    let expected = "a network such as `10.0.0.0/8`, or an address";
    text.parse().map_err(|invalid| match invalid {
        InvalidCidr::BitsBeyondPrefix { meant } => InvalidValue::new(
            format!("{expected}, with no bit set behind the prefix"),
            Some(meant.to_string()),
        ),
        _ => InvalidValue::new(expected, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_behind_the_prefix_are_refused_with_a_suggestion() {
        let refused = parse_network("10.1.2.3/8").unwrap_err();
        assert_eq!(refused.suggestion.as_deref(), Some("10.0.0.0/8"));
        assert!(parse_network("10.0.0.0/8").is_ok());
        assert_eq!(parse_network("localhost").unwrap_err().suggestion, None);
    }
}
