//! Keys of the configuration that can be used and had better be others.

use bulla_guard::client::Cidr;

use super::{Area, Check, Code, Finding};
use crate::config::{Config, ConfigError};

/// Fewer characters are too few where there is nothing but a password (NIST SP 800-63B revision 4, section 3.1.1.2).
const ALONE: usize = 15;

/// A configuration that can be used; a server that runs takes these keys of it only at its next start.
#[must_use]
pub fn configuration(config: &Config, waiting: &[&str]) -> Check {
    let mut findings = findings(config);
    if !waiting.is_empty() {
        let detail = format!("the server was started with another {}", waiting.join(", "));
        findings.push(Finding::new(Code::ConfigurationWaiting, detail));
    }
    Check::at_once(Area::Configuration, "it can be used", findings)
}

/// One that cannot.
#[must_use]
pub fn unusable_configuration(error: &ConfigError) -> Check {
    let found = |detail: String| Finding::new(Code::ConfigurationInvalid, detail);
    let findings = match error {
        ConfigError::Invalid(problems) => {
            let details = problems.iter().map(ToString::to_string);
            details.map(found).collect()
        }
        ConfigError::Unreadable { .. } => vec![found(error.to_string())],
    };
    Check::at_once(Area::Configuration, "it cannot be used", findings)
}

fn findings(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
    if config.demo && !config.is_development() {
        let public = config.listen.public;
        let detail = format!(
            "the demo service runs, and others can reach it at {public} or {}",
            config.public_url
        );
        find(Code::DemoPublic, detail);
    }
    let min_length = config.password.min_length;
    if min_length < ALONE {
        let detail = format!("a password of {min_length} characters is accepted");
        find(Code::PasswordShort, detail);
    }
    if !config.bans.automatic {
        let detail = "whoever forges tokens or guesses passwords is never banned by itself";
        find(Code::BansOff, detail.to_owned());
    }
    if config.limits.address.is_none() {
        let detail = "one address may send any number of requests";
        find(Code::AddressLimitOff, detail.to_owned());
    }
    for range in config.bans.exempt.iter().filter(|range| is_wide(range)) {
        find(Code::ExemptWide, format!("{range} is exempt from all bans"));
    }
    let url = &config.public_url;
    if config.cookies.is_some() && !url.is_https() && !url.is_loopback() {
        let detail = format!("tokens may be asked for in cookies, which no browser keeps at {url}");
        find(Code::CookiesNeedTls, detail);
    }
    let links = config.links;
    if links.mailed_login.is_some() && !links.verify_email {
        let detail = "people sign in by mail to accounts whose address nobody has proven";
        find(Code::SignInUnproven, detail.to_owned());
    }
    findings
}

/// More than a site has: 65,536 addresses of IPv4, a /48 of IPv6. Private networks may be large.
pub(super) fn is_wide(range: &Cidr) -> bool {
    let most = if range.network().is_ipv4() { 16 } else { 48 };
    let private = [
        "10.0.0.0/8",
        "100.64.0.0/10",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "127.0.0.0/8",
    ];
    let is_private = private.iter().any(|private| {
        let private = private.parse::<Cidr>();
        private.is_ok_and(|private| private.covers(range))
    });
    range.length() < most && !is_private
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::testing::{config, found};

    #[test]
    fn a_configuration_that_follows_all_advice_has_no_findings() {
        found(&findings(&config("password.min_length = 15")), &[]);
    }

    #[test]
    fn what_had_better_be_otherwise_is_found() {
        let check = |text: &str, code| {
            let text = format!("{text}\npassword.min_length = 15");
            found(&findings(&config(&text)), &[code]);
        };
        found(
            &findings(&config("password.min_length = 14")),
            &[Code::PasswordShort],
        );
        check("bans.automatic = false", Code::BansOff);
        check("limits.address = \"off\"", Code::AddressLimitOff);
        check(
            "bans.exempt = [\"127.0.0.1\", \"198.0.0.0/8\"]",
            Code::ExemptWide,
        );
        check("bans.exempt = [\"2001:db8::/32\"]", Code::ExemptWide);
        check(
            "demo = true\nlisten.admin = \"192.0.2.1:9090\"",
            Code::DemoPublic,
        );
        check(
            "public_url = \"http://api.example.com\"",
            Code::CookiesNeedTls,
        );
        check("login.mail = \"link\"", Code::SignInUnproven);
    }

    #[test]
    fn what_looks_like_it_and_is_meant_is_not() {
        for text in [
            "bans.exempt = [\"10.0.0.0/8\", \"198.51.100.0/24\", \"fd00::/8\"]",
            "demo = true",
            "public_url = \"http://api.example.com\"\ncookies.enabled = false",
            "public_url = \"https://api.example.com\"",
            "login.mail = \"code\"\nregistration.verify_email = true",
        ] {
            let text = format!("{text}\npassword.min_length = 15");
            found(&findings(&config(&text)), &[]);
        }
    }
}
