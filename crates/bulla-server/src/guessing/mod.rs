//! How often passwords and secrets may be guessed, and accounts made.

mod allowance;

use std::{net::IpAddr, sync::Arc};

use bulla_core::{
    account::LoginName,
    authentication::{ChangePasswordError, LoginError, ProofError},
    client::{AssertionRefused, ClientAuthenticationError},
    ids::AccountId,
};
use bulla_guard::{
    abuse::AbuseLedger,
    client::AddressPrefix,
    limit::{BucketKey, BucketTable, Charge, Moment, Per, Quota},
};

use self::allowance::Allowance;
pub(crate) use self::allowance::Exhausted;

/// Wrong passwords of one account from one prefix: somebody who tries to remember.
const HERE: Allowance = Allowance::new("account and address", 10, 2);

/// Of one account from everywhere: many addresses, one account. What is above it is an attack, and costs only whoever was
/// never there before.
const ACCOUNT: Allowance = Allowance::new("account", 100, 10);

/// From one prefix, whatever the accounts: one address, many accounts.
const ADDRESS: Allowance = Allowance::new("address", 30, 12);

/// Accounts and letters that may be asked for from one prefix: a classroom signs up at once.
const WISHES: Allowance = Allowance::new("address", 100, 12);

/// Of buckets with wrong passwords: 2 MiB.
const BUCKETS: usize = 1 << 17;

/// Of places that are known: 16 MiB.
const PLACES: usize = 1 << 20;

/// Days for which it is remembered that a password was right.
const DAYS_KNOWN: u32 = 30;

/// A bucket of so many days.
const DAYS: Quota = Quota::known(1, Per::Day, DAYS_KNOWN);

/// New places of one account: a traveller has fewer, and whoever has a million addresses leaves room for others.
const NEW_PLACES: Quota = Quota::known(2, Per::Day, 50);

/// Counts wrong passwords, and stops whoever has had too many. Sessions that exist are not concerned: neither a refresh nor an
/// access token is asked here.
///
/// A password that was right counts for nothing, and makes its place known, as a link that was used does: from there, its
/// account stays open while it is attacked from elsewhere. All is in memory, so after a restart no place is known. Whether there is such an account makes no
/// difference.
pub(crate) struct Guessing {
    wrong: BucketTable,
    /// A bucket that takes as many days to leak as the place is known.
    known: BucketTable,
    abuse: Arc<AbuseLedger>,
}

/// Whose password or secret is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Account<'a> {
    /// By the email address in its folded form.
    Email(&'a str),
    /// By the user name in its folded form.
    Username(&'a str),
    /// By its identity, as a session knows it.
    Id(&'a str),
    /// A client's secret, by the `client_id` that it is for.
    Client(&'a str),
}

/// A password that is being checked. What came of it has to be told.
#[must_use = "what came of it counts"]
pub(crate) struct Guess<'a> {
    guessing: &'a Guessing,
    account: BucketKey,
    /// `None`: nobody knows where it came from, or it may be any number.
    place: Option<Place>,
    now: Moment,
}

/// Where it came from.
struct Place {
    here: BucketKey,
    known: BucketKey,
    /// How many places of the account became known.
    of_account: BucketKey,
    prefixes: Vec<(BucketKey, u32)>,
}

impl Guessing {
    pub(crate) fn new(abuse: Arc<AbuseLedger>) -> Self {
        Self {
            wrong: BucketTable::new(BUCKETS),
            known: BucketTable::new(PLACES),
            abuse,
        }
    }

    /// Somebody is about to guess.
    ///
    /// # Errors
    /// Too many guesses were wrong.
    pub(crate) fn begin(
        &self,
        account: Account<'_>,
        from: Option<IpAddr>,
        now: Moment,
    ) -> Result<Guess<'_>, Exhausted> {
        let guess = Guess {
            account: self.wrong.key(("account", account)),
            place: from.map(|address| self.place(account, address)),
            guessing: self,
            now,
        };
        if !from.is_some_and(|address| self.abuse.spares(address)) {
            guess.check()?;
        }
        Ok(guess)
    }

    /// Somebody wants an account or a letter. It counts whatever comes of it: a name that is taken is a guess too.
    ///
    /// # Errors
    /// Too many were wanted from there.
    pub(crate) fn wish(&self, from: Option<IpAddr>, now: Moment) -> Result<(), Exhausted> {
        let Some(address) = from.filter(|address| !self.abuse.spares(*address)) else {
            return Ok(());
        };
        for prefix in AddressPrefix::all(address) {
            let key = self.wrong.key(("wishes", prefix));
            WISHES.check(&self.wrong, key, prefix.share(), now)?;
            WISHES.count(&self.wrong, key, prefix.share(), now);
        }
        Ok(())
    }

    /// Whoever has proven there to own the account is no stranger there.
    pub(crate) fn welcome(&self, account: Account<'_>, from: Option<IpAddr>, now: Moment) {
        if let Some(address) = from {
            self.remember(&self.place(account, address), now);
        }
    }

    /// Whether the account's owner was there before.
    pub(crate) fn knows(&self, account: Account<'_>, from: Option<IpAddr>, now: Moment) -> bool {
        from.is_some_and(|address| self.remembers(&self.place(account, address), now))
    }

    fn remembers(&self, place: &Place, now: Moment) -> bool {
        self.known.level(place.known, &DAYS, now).used() > 0
    }

    fn remember(&self, place: &Place, now: Moment) {
        self.wrong.clear(place.here);
        let known = self.remembers(place, now);
        if !known && let Charge::Refused(_) = self.known.take(place.of_account, &NEW_PLACES, now) {
            return;
        }
        // Without room, the place is unknown.
        let _ = self.known.pour(place.known, &DAYS, DAYS_KNOWN, now);
    }

    fn place(&self, account: Account<'_>, address: IpAddr) -> Place {
        let prefix = AddressPrefix::narrowest(address);
        let of = |prefix: AddressPrefix| (self.wrong.key(("address", prefix)), prefix.share());
        Place {
            here: self.wrong.key(("here", account, prefix)),
            known: self.known.key((account, prefix)),
            of_account: self.known.key(account),
            prefixes: AddressPrefix::all(address).map(of).collect(),
        }
    }
}

impl Guess<'_> {
    /// What became of what the password was said for. What says nothing of the password counts for nothing.
    pub(crate) fn came_to<T, E: PasswordFailure>(self, outcome: &Result<T, E>) {
        match outcome {
            Ok(_) => self.succeeded(),
            Err(error) if error.is_wrong_password() => self.failed(),
            Err(_) => {}
        }
    }

    /// It was wrong.
    fn failed(self) {
        let wrong = &self.guessing.wrong;
        ACCOUNT.count(wrong, self.account, 1, self.now);
        if let Some(place) = &self.place {
            HERE.count(wrong, place.here, 1, self.now);
            for (key, share) in &place.prefixes {
                ADDRESS.count(wrong, *key, *share, self.now);
            }
        }
    }

    /// It was right: whoever knows the password is no stranger there.
    fn succeeded(self) {
        if let Some(place) = &self.place {
            self.guessing.remember(place, self.now);
        }
    }

    fn check(&self) -> Result<(), Exhausted> {
        let wrong = &self.guessing.wrong;
        let Some(place) = &self.place else {
            return ACCOUNT.check(wrong, self.account, 1, self.now);
        };
        HERE.check(wrong, place.here, 1, self.now)?;
        if self.guessing.remembers(place, self.now) {
            return Ok(());
        }
        for (key, share) in &place.prefixes {
            ADDRESS.check(wrong, *key, *share, self.now)?;
        }
        ACCOUNT.check(wrong, self.account, 1, self.now)
    }
}

/// Why something was not done that takes a password or secret.
pub(crate) trait PasswordFailure {
    /// Whether that was wrong, or there is no such account or client.
    fn is_wrong_password(&self) -> bool;
}

impl PasswordFailure for LoginError {
    fn is_wrong_password(&self) -> bool {
        matches!(self, Self::CredentialsInvalid)
    }
}

impl PasswordFailure for ClientAuthenticationError {
    fn is_wrong_password(&self) -> bool {
        use AssertionRefused::Unproven;
        matches!(self, Self::Invalid | Self::Assertion(Unproven))
    }
}

impl PasswordFailure for ProofError {
    fn is_wrong_password(&self) -> bool {
        matches!(self, Self::CredentialsInvalid)
    }
}

impl PasswordFailure for ChangePasswordError {
    fn is_wrong_password(&self) -> bool {
        matches!(self, Self::Proof(proof) if proof.is_wrong_password())
    }
}

impl<'a> From<&'a LoginName> for Account<'a> {
    fn from(name: &'a LoginName) -> Self {
        match name {
            LoginName::Email(email) => Self::Email(email.folded()),
            LoginName::Username(username) => Self::Username(username.folded()),
        }
    }
}

impl<'a> From<&'a AccountId> for Account<'a> {
    fn from(id: &'a AccountId) -> Self {
        Self::Id(id.as_str())
    }
}
