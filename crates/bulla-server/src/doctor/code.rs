//! Everything that can be found, in one table.

use std::{fmt, str::FromStr};

use bulla_core::ids::UnknownName;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing was found.
    Ok,
    /// It works, and could be better.
    Advice,
    /// It works, and somebody or something can end that.
    Warning,
    /// It does not work, or is open to others.
    Error,
}

impl Severity {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The table: name in Rust, stable name, severity, what to do.
macro_rules! codes {
    ($($variant:ident = $name:literal, $severity:ident, $remedy:literal;)*) => {
        /// What was found. The names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the table says of each what to do, and docs/doctor.md what it is")]
        pub enum Code { $($variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What to do.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    CheckUnfinished = "check_unfinished", Warning,
        "see why it does not answer: a disk or a server that hangs hangs Bulla too";
    ConfigurationInvalid = "configuration_invalid", Error,
        "correct it; `bulla check-config` shows all mistakes at once";
    ConfigurationWaiting = "configuration_waiting", Warning,
        "restart Bulla: these keys are not read again while it runs";
    DemoPublic = "demo_public", Warning,
        "set demo = false: the demo service is there to try things out, and settles sessions after 5 s";
    PasswordShort = "password_short", Advice,
        "set password.min_length to 15: there is no second factor, so a password is all there is (NIST SP 800-63B)";
    BansOff = "bans_off", Advice,
        "set bans.automatic = true, unless something in front of Bulla bans";
    AddressLimitOff = "address_limit_off", Advice,
        "set limits.address, unless something in front of Bulla limits addresses";
    ExemptWide = "exempt_wide", Warning,
        "list single addresses in bans.exempt: nothing that comes from there is ever limited or banned";
    CookiesNeedTls = "cookies_need_tls", Warning,
        "reach Bulla by https (and say so in public_url), or set cookies.enabled = false";
    SignInUnproven = "sign_in_unproven", Warning,
        "set registration.verify_email = true: else whoever registers with somebody's address first has a password for the account";
    ListenerUnencrypted = "listener_unencrypted", Warning,
        "set [tls], or put a proxy with TLS in front and list it in trusted_proxies, or listen on 127.0.0.1";
    AdminExposed = "admin_exposed", Warning,
        "set listen.admin to a loopback address, and reach it through a tunnel or a proxy with TLS on this machine";
    PublicUrlUnset = "public_url_unset", Warning,
        "set public_url to where clients reach Bulla: links, cookies and the issuer of tokens are made of it";
    PublicUrlPlain = "public_url_plain", Warning,
        "give public_url an https:// origin, which [tls] or a proxy in front answers";
    ProxiesWide = "proxies_wide", Error,
        "list your proxies' own addresses in trusted_proxies: whoever is in it says who others are, and is never limited";
    ProxyUnlisted = "proxy_unlisted", Warning,
        "if it is your proxy, list its address in trusted_proxies: until then all clients are one, and what one does counts against all";
    ProxySilent = "proxy_silent", Warning,
        "let the proxy set X-Forwarded-For (and replace what clients send), or take it out of trusted_proxies";
    TlsUnusable = "tls_unusable", Error,
        "put a certificate chain and its private key in the files that tls.certificate and tls.key name";
    TlsExpired = "tls_expired", Error,
        "renew the certificate: the files are read again by themselves";
    TlsNotYetValid = "tls_not_yet_valid", Error,
        "set the clock, or wait: clients refuse the certificate";
    TlsExpiresSoon = "tls_expires_soon", Warning,
        "see why the certificate was not renewed: the files are read again by themselves";
    TlsNameOther = "tls_name_other", Error,
        "get a certificate for the host of public_url, or set public_url to a host that the certificate has";
    TlsUntrusted = "tls_untrusted", Warning,
        "put the intermediate certificates behind the server's own in tls.certificate; an authority of your own has to be known to clients";
    PublicUrlUnreachable = "public_url_unreachable", Advice,
        "see whether clients reach it: a machine need not reach its own public address";
    PublicUrlOther = "public_url_other", Warning,
        "let what answers at public_url forward to Bulla, /.well-known and /auth too, or correct public_url";
    ClockSkewed = "clock_skewed", Warning,
        "let both machines set their clocks by NTP: tokens are good to the second";
    ClockJumped = "clock_jumped", Advice,
        "let the clock be set by NTP in small steps (chrony, systemd-timesyncd), before Bulla starts";
    ClockBehind = "clock_behind", Warning,
        "set the clock: sessions and limits count from what was recorded later than now";
    MailMissing = "mail_missing", Advice,
        "set [mail]: without it nobody can choose a new password who has forgotten his";
    MailTemplateInvalid = "mail_template_invalid", Error,
        "correct the file in mail.templates: a start would refuse it";
    MailUnreachable = "mail_unreachable", Error,
        "see that mail.url is right, and that this machine may connect to it";
    MailTlsFailed = "mail_tls_failed", Error,
        "see that the mail server's certificate is good for the host in mail.url, and that it offers STARTTLS where the URL is smtp://";
    MailLoginRefused = "mail_login_refused", Error,
        "correct mail.username and mail.password";
    MailLetterRefused = "mail_letter_refused", Error,
        "see that the server sends letters from mail.from, and to this address";
    FolderMissing = "folder_missing", Advice,
        "run this in the folder in which Bulla runs; the first start makes the data folder";
    FolderOpen = "folder_open", Warning,
        "chmod 700 the data folder; a start of Bulla does it too";
    FolderForeign = "folder_foreign", Error,
        "run Bulla and its commands as the user who owns the data folder";
    SecretOpen = "secret_open", Error,
        "chmod 600 the file; if somebody may have read it, replace what is in it";
    OwnersMixed = "owners_mixed", Warning,
        "chown the file to the owner of the data folder: run commands as that user, not as root";
    SocketAbandoned = "socket_abandoned", Advice,
        "nothing: a server that was killed left it, and the next start replaces it";
    FolderUnwritable = "folder_unwritable", Error,
        "make the data folder writable for the user who runs Bulla: it answers nothing that it cannot keep";
    DiskFull = "disk_full", Error,
        "make room: when the disk is full, nobody can sign in or refresh";
    DiskNearlyFull = "disk_nearly_full", Warning,
        "make room, or shorten audit.retention: when the disk is full, nobody can sign in or refresh";
    DiskSlow = "disk_slow", Advice,
        "use a disk that confirms writes faster: every login and refresh waits for one";
    DiskRemote = "disk_remote", Warning,
        "keep SQLite on a local disk: over a network file system its locks are not to be relied on";
    DiskVolatile = "disk_volatile", Warning,
        "keep the data folder on a disk: what is in memory is gone after the next boot, accounts and keys with it";
    StoreMissing = "store_missing", Advice,
        "nothing, if Bulla has not run here yet: the first start makes it";
    StoreUnusable = "store_unusable", Error,
        "see what it says; nothing was changed, and a backup can be put in its place while Bulla is stopped";
    StoreUnavailable = "store_unavailable", Error,
        "bring the store back: until then sign-in and refresh answer 503, and gateways go on verifying";
    StoreOlder = "store_older", Advice,
        "make a backup: the next start brings the schema up to date, which an older Bulla cannot read";
    StoreUnchecked = "store_unchecked", Advice,
        "check it while Bulla is stopped: sqlite3 bulla.db 'PRAGMA integrity_check'";
    StoreLogLarge = "store_log_large", Warning,
        "end whatever else reads the database for long (a shell, a copy), so that the log can be folded in";
    MasterKeyUnusable = "master_key_unusable", Error,
        "put back the master key that belongs to this store: without it nobody can sign in";
    KeyUnreadable = "key_unreadable", Error,
        "put back the master key that belongs to this store: without it nobody can sign in";
    KeyAlgorithmOther = "key_algorithm_other", Warning,
        "wait until the next key has been published for keys.publish_ahead, or set tokens.algorithm to that of the keys";
    KeyActiveMissing = "key_active_missing", Error,
        "restore a backup: without an active key nothing can be signed";
    KeyNextMissing = "key_next_missing", Warning,
        "start Bulla: it makes the next key, which verifiers must know before it signs";
    OpenFilesFew = "open_files_few", Warning,
        "raise the limit (LimitNOFILE= for systemd, ulimit -n): a connection takes a file, and one to an upstream another";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let mut all = Self::ALL.iter();
        let found = all.find(|code| code.as_str() == name);
        found.copied().ok_or(UnknownName)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_documented_with_its_severity_and_no_other_is() {
        let documented: Vec<_> = include_str!("../../../../docs/doctor.md")
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| `")?.split(" | ");
                Some((cells.next()?.trim_end_matches('`'), cells.next()?))
            })
            .collect();
        for code in Code::ALL {
            let row = (code.as_str(), code.severity().as_str());
            let rows = documented.iter().filter(|found| **found == row);
            assert_eq!(rows.count(), 1, "{row:?}");
        }
        assert_eq!(documented.len(), Code::ALL.len());
    }

    #[test]
    fn every_code_is_read_back_by_its_name() {
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert_eq!("".parse::<Code>(), Err(UnknownName));
    }
}
