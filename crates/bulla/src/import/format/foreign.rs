//! What the records of other systems have in common.

use bulla_core::account::{DisplayName, PasswordHash};
use bulla_server::admin::{PortableUser, SecretText};
use serde_json::{Map, Value};

use super::{Converted, Skip, members, wishes::Wishes};

/// A user of another system.
pub(super) struct Foreign {
    /// What the system is called.
    pub(super) system: &'static str,
    /// Claim `sub` there.
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
    /// `None`: there is none.
    pub(super) password: Option<Result<PasswordHash, Skip>>,
    pub(super) roles: Vec<String>,
    pub(super) disabled: bool,
    pub(super) created_at: Option<String>,
    /// Where claims stand.
    pub(super) metadata: Value,
    /// Where other members stand.
    pub(super) record: Value,
}

impl Foreign {
    pub(super) fn into_user(mut self, wishes: &Wishes) -> Result<Converted, Skip> {
        self.tell_names_apart();
        if wishes.verified_only && self.email.is_some() && !self.email_verified {
            return Err(Skip::new(
                "email_unverified",
                "the email address was not proven there",
            ));
        }
        let mut notes = Vec::new();
        let name = self.name.take().filter(|name| {
            let fits = DisplayName::parse(name).is_ok();
            if !fits {
                notes.push("what they are called is no name here".to_owned());
            }
            fits
        });
        let password = self.password(wishes, &mut notes)?;
        let (id, source) = match wishes.keep_ids {
            true => (self.id.clone(), None),
            false => (None, self.source()),
        };
        let user = PortableUser {
            id,
            source,
            name,
            password_hash: password.map(|hash| SecretText::new(hash.text().as_str().to_owned())),
            roles: self.roles(wishes),
            plan: self.plan(wishes)?,
            claims: self.claims(wishes),
            email: self.email,
            username: self.username,
            disabled: self.disabled,
            created_at: self.created_at,
        };
        Ok(Converted { user, notes })
    }

    /// Many systems put the address into the user name, and one of them into the name.
    fn tell_names_apart(&mut self) {
        if let Some(name) = &self.username
            && name.contains('@')
        {
            let email = self.email.get_or_insert_with(|| name.clone());
            if email.eq_ignore_ascii_case(name) {
                self.username = None;
            }
        }
        if self.name == self.email {
            self.name = None;
        }
    }

    fn password(
        &mut self,
        wishes: &Wishes,
        notes: &mut Vec<String>,
    ) -> Result<Option<PasswordHash>, Skip> {
        match self.password.take() {
            Some(Err(skip)) if wishes.drop_unusable_hashes => {
                notes.push(format!("without a password: {}", skip.detail));
                Ok(None)
            }
            password => password.transpose(),
        }
    }

    /// The same at every import, and another one for each system.
    fn source(&self) -> Option<String> {
        let id = self.id.as_ref()?;
        Some(format!("{}:{id}", self.system))
    }

    fn roles(&self, wishes: &Wishes) -> Vec<String> {
        let wished = wishes.roles.iter();
        let wished = wished.filter(|wish| self.roles.contains(&wish.old));
        wished.map(|wish| wish.new.clone()).collect()
    }

    fn claims(&self, wishes: &Wishes) -> Map<String, Value> {
        let wished = wishes.claims.iter();
        let found =
            wished.filter_map(|wish| Some((wish.name.clone(), self.at(&wish.path)?.clone())));
        found.collect()
    }

    fn plan(&self, wishes: &Wishes) -> Result<Option<String>, Skip> {
        let found = wishes.plan.as_deref().and_then(|path| self.at(path));
        match found {
            None => Ok(None),
            Some(Value::String(plan)) => Ok(Some(plan.clone())),
            Some(_) => Err(Skip::new("plan_invalid", "the plan is no text")),
        }
    }

    /// What stands there, if it is anything.
    fn at(&self, path: &str) -> Option<&Value> {
        let of_metadata = members::at(&self.metadata, path);
        let found = of_metadata.or_else(|| members::at(&self.record, path));
        found.filter(|value| !value.is_null())
    }
}
