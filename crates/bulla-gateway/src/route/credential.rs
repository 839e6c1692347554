//! Where a request may carry its token.

/// A place of a request's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialPlace {
    /// `Authorization: Bearer …` (RFC 6750 section 2.1).
    Header,
    /// The [cookie](bulla_guard::client::CookieNames) of the access token. What a browser was made to send by another site is refused.
    Cookie,
    /// The query parameter `access_token` (RFC 6750 section 2.3), of WebSocket handshakes alone: pages can give those no
    /// header. Anywhere else it would end up in histories, logs and `Referer`.
    Query,
    /// The parameter `access_token` of an `application/x-www-form-urlencoded` body (RFC 6750 section 2.2).
    Form,
}

/// The places in which a route looks for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialPlaces(u8);

impl CredentialPlace {
    const ALL: [Self; 4] = [Self::Header, Self::Cookie, Self::Query, Self::Form];

    /// Parses `header`, `cookie`, `query` or `form`.
    ///
    /// # Errors
    /// It is another word.
    pub fn parse(text: &str) -> Result<Self, InvalidCredentialPlace> {
        let mut places = Self::ALL.into_iter();
        places
            .find(|place| place.as_str() == text)
            .ok_or(InvalidCredentialPlace)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Query => "query",
            Self::Form => "form",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl CredentialPlaces {
    /// Whether this place is among them.
    #[must_use]
    pub const fn contains(self, place: CredentialPlace) -> bool {
        self.0 & place.bit() != 0
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = CredentialPlace> {
        let places = CredentialPlace::ALL.into_iter();
        places.filter(move |place| self.contains(*place))
    }
}

/// Header and cookie.
impl Default for CredentialPlaces {
    fn default() -> Self {
        Self::from_iter([CredentialPlace::Header, CredentialPlace::Cookie])
    }
}

impl FromIterator<CredentialPlace> for CredentialPlaces {
    fn from_iter<I: IntoIterator<Item = CredentialPlace>>(places: I) -> Self {
        Self(places.into_iter().fold(0, |bits, place| bits | place.bit()))
    }
}

/// A word that names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a credential's place is `header`, `cookie`, `query` or `form`")]
pub struct InvalidCredentialPlace;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_a_set() {
        let places: Vec<&str> = CredentialPlaces::default()
            .iter()
            .map(CredentialPlace::as_str)
            .collect();
        assert_eq!(places, ["header", "cookie"]);
        let form = CredentialPlaces::from_iter([CredentialPlace::Form, CredentialPlace::Form]);
        assert!(form.contains(CredentialPlace::Form) && !form.contains(CredentialPlace::Query));
        for place in CredentialPlace::ALL {
            assert_eq!(CredentialPlace::parse(place.as_str()), Ok(place));
        }
        assert_eq!(
            CredentialPlace::parse("Header"),
            Err(InvalidCredentialPlace)
        );
    }
}
