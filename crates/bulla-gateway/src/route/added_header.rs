//! Headers that a route adds.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, COOKIE, DATE, EXPECT, HOST,
        SET_COOKIE, TRAILER,
    },
};

use crate::steps::{hop_by_hop, outbound};

/// A header that a route adds, in place of any of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedHeader {
    name: HeaderName,
    /// Sensitive, for it may be a secret between the gateway and its upstream: `Debug` does not show it.
    value: HeaderValue,
}

impl AddedHeader {
    /// One that requests get on their way to the target.
    ///
    /// # Errors
    /// The name or the value cannot be, or the gateway writes that header itself.
    pub fn for_requests(name: &str, value: &str) -> Result<Self, InvalidAddedHeader> {
        let header = Self::parse(name, value)?;
        let framing = [CONTENT_LENGTH, COOKIE, EXPECT, HOST, TRAILER].contains(&header.name);
        if framing || hop_by_hop::is_hop_by_hop(&header.name) || outbound::is_reserved(&header.name)
        {
            return Err(InvalidAddedHeader::Reserved);
        }
        Ok(header)
    }

    /// One that answers get on their way to the client, refusals too.
    ///
    /// # Errors
    /// As [`for_requests`](Self::for_requests).
    pub fn for_answers(name: &str, value: &str) -> Result<Self, InvalidAddedHeader> {
        let header = Self::parse(name, value)?;
        if header.name.as_str().starts_with("access-control-") {
            return Err(InvalidAddedHeader::Cors);
        }
        // About the body, or one of several, or the gateway's own.
        let body = [
            CONTENT_ENCODING,
            CONTENT_LENGTH,
            CONTENT_RANGE,
            CONTENT_TYPE,
        ];
        let others = [DATE, SET_COOKIE, TRAILER];
        let reserved = body.contains(&header.name)
            || others.contains(&header.name)
            || hop_by_hop::is_hop_by_hop(&header.name)
            || outbound::is_reserved(&header.name);
        if reserved {
            return Err(InvalidAddedHeader::Reserved);
        }
        Ok(header)
    }

    /// The header's name.
    #[must_use]
    pub const fn name(&self) -> &HeaderName {
        &self.name
    }

    /// Adds them to a request, in place of what a target could take for them.
    pub(crate) fn add_to_request(added: &[Self], headers: &mut HeaderMap) {
        Self::remove_theirs(added, headers);
        for header in added {
            headers.insert(&header.name, header.value.clone());
        }
    }

    /// Removes what a target could take for them: names in any spelling.
    pub(crate) fn remove_theirs(added: &[Self], fields: &mut HeaderMap) {
        for header in added {
            let alike = |name: &&HeaderName| outbound::alike(name.as_str(), header.name.as_str());
            let gone: Vec<HeaderName> = fields.keys().filter(alike).cloned().collect();
            for name in gone {
                fields.remove(name);
            }
        }
    }

    /// Adds them to an answer.
    pub(crate) fn add_to_answer(added: &[Self], headers: &mut HeaderMap) {
        for header in added {
            headers.insert(&header.name, header.value.clone());
        }
    }

    fn parse(name: &str, value: &str) -> Result<Self, InvalidAddedHeader> {
        let name = HeaderName::try_from(name).map_err(|_| InvalidAddedHeader::Name)?;
        let plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        if value.is_empty() || value.trim() != value || !value.bytes().all(plain) {
            return Err(InvalidAddedHeader::Value);
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| InvalidAddedHeader::Value)?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }
}

/// A header that cannot be added. The value is not repeated: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddedHeader {
    /// No header is called that.
    #[error("not the name of a header")]
    Name,
    /// It is empty, or not printable ASCII.
    #[error("a header's value is printable ASCII, without spaces around it")]
    Value,
    /// The gateway writes it, or it is about one connection, or about the body.
    #[error("a route cannot set this header: it is the gateway's own")]
    Reserved,
    /// Who may read an answer across origins is said by the route's origins.
    #[error("a route cannot set this header: `cors` lists who may read its answers")]
    Cors,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gateway_writes_itself_cannot_be_added() {
        use InvalidAddedHeader::{Cors, Name, Reserved, Value};
        for name in [
            "X-Bulla-Subject",
            "x_bulla_roles",
            "X-Forwarded-For",
            "Host",
            "Connection",
            "Content-Length",
            "Transfer-Encoding",
            "Cookie",
            "X-Request-Id",
            "TE",
            "Expect",
        ] {
            assert_eq!(
                AddedHeader::for_requests(name, "1"),
                Err(Reserved),
                "{name}"
            );
        }
        for name in [
            "X-Request-Id",
            "Set-Cookie",
            "Content-Type",
            "Connection",
            "X-Bulla-A",
        ] {
            assert_eq!(AddedHeader::for_answers(name, "1"), Err(Reserved), "{name}");
        }
        let star = AddedHeader::for_answers("Access-Control-Allow-Origin", "*");
        assert_eq!(star, Err(Cors));
        for name in ["", "a b", "a:", "ä"] {
            assert_eq!(AddedHeader::for_requests(name, "1"), Err(Name), "{name}");
        }
        for value in ["", " a", "a ", "a\r\nb: c", "a\0", "ä", "\t"] {
            assert_eq!(
                AddedHeader::for_answers("x-a", value),
                Err(Value),
                "{value}"
            );
        }
        assert!(AddedHeader::for_requests("Authorization", "Basic YTpi").is_ok());
        assert!(AddedHeader::for_answers("Cache-Control", "no-store, private").is_ok());
    }

    #[test]
    fn a_request_has_it_once_in_whatever_spelling_it_came() {
        let added = [AddedHeader::for_requests("X-From", "bulla").unwrap()];
        let mut headers = HeaderMap::new();
        for name in ["x-from", "x_from", "x.from", "x-fromage"] {
            headers.append(name, HeaderValue::from_static("evil"));
        }
        AddedHeader::add_to_request(&added, &mut headers);
        let mut left: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        left.sort_unstable();
        assert_eq!(left, [("x-from", "bulla"), ("x-fromage", "evil")]);
    }

    #[test]
    fn a_value_hides_in_debug() {
        let added = AddedHeader::for_requests("X-Key", "secret").unwrap();
        assert!(!format!("{added:?}").contains("secret"));
    }
}
