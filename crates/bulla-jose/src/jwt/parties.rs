use std::{fmt, str::FromStr};

use serde::Serialize;

/// The text is empty: it would name nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must not be empty")]
pub struct NobodyNamed;

macro_rules! party {
    ($(#[$says:meta])* $name:ident) => {
        $(#[$says])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Accepts any text but the empty one.
            ///
            /// # Errors
            /// [`NobodyNamed`].
            pub fn new(text: impl Into<Box<str>>) -> Result<Self, NobodyNamed> {
                let text = text.into();
                if text.is_empty() {
                    return Err(NobodyNamed);
                }
                Ok(Self(text))
            }

            /// The text, as it stands in the claim.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NobodyNamed;

            fn from_str(text: &str) -> Result<Self, NobodyNamed> {
                Self::new(text)
            }
        }
    };
}

party! {
    /// Who issues tokens: `iss` (RFC 7519 section 4.1.1). Any text, compared byte by byte.
    Issuer
}

party! {
    /// Whom tokens are for: `aud`, or one of them (RFC 7519 section 4.1.3). Any text, compared byte by byte.
    Audience
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_name_but_the_empty_one() {
        for text in ["https://login.example.com", "api", " "] {
            assert_eq!(Issuer::new(text).unwrap().as_str(), text);
            assert_eq!(text.parse::<Audience>().unwrap().to_string(), text);
        }
        assert_eq!(Issuer::new(""), Err(NobodyNamed));
        assert_eq!("".parse::<Audience>(), Err(NobodyNamed));
    }
}
