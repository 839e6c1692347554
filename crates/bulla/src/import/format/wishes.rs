use std::{convert::Infallible, str::FromStr};

/// What of another system's records shall be taken.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Wishes {
    /// Whether everybody keeps the identity that they had.
    pub(crate) keep_ids: bool,
    /// Which roles.
    pub(crate) roles: Vec<RoleWish>,
    /// Which claims.
    pub(crate) claims: Vec<ClaimWish>,
    /// Where the plan stands.
    pub(crate) plan: Option<String>,
    /// Only who has proven the address there.
    pub(crate) verified_only: bool,
    /// Whether who has a hash that cannot be checked comes without a password.
    pub(crate) drop_unusable_hashes: bool,
}

/// `OLD`, or `OLD=NEW`: a role, and what it is called here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleWish {
    pub(crate) old: String,
    pub(crate) new: String,
}

/// `NAME`, or `NAME=PATH`: a claim, and where it stands in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimWish {
    pub(crate) name: String,
    pub(crate) path: String,
}

impl FromStr for RoleWish {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (old, new) = text.split_once('=').unwrap_or((text, text));
        Ok(Self {
            old: old.to_owned(),
            new: new.to_owned(),
        })
    }
}

impl FromStr for ClaimWish {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (name, path) = text.split_once('=').unwrap_or((text, text));
        Ok(Self {
            name: name.to_owned(),
            path: path.to_owned(),
        })
    }
}
