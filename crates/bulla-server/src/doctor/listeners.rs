//! Who can reach what, and who reads along.

use super::{Area, Check, Code, Finding, configuration::is_wide};
use crate::config::{Config, values::HttpOrigin};

/// The listeners of a configuration.
#[must_use]
pub fn listeners(config: &Config) -> Check {
    let (public, admin) = (config.listen.public, config.listen.admin);
    let url = &config.public_url;
    let seen = format!("public {public}, admin {admin}, clients come to {url}");
    Check::at_once(Area::Listeners, seen, findings(config))
}

fn findings(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
    let (public, admin) = (config.listen.public, config.listen.admin);
    let is_exposed = !public.ip().is_loopback();
    if is_exposed && config.tls.is_none() && config.trusted_proxies.is_empty() {
        let detail = format!("passwords and tokens can be read on their way to {public}");
        find(Code::ListenerUnencrypted, detail);
    }
    if !admin.ip().is_loopback() {
        let detail = format!("others can reach {admin}, and nothing there is encrypted");
        find(Code::AdminExposed, detail);
    }
    let url = &config.public_url;
    if *url == HttpOrigin::at(public, config.tls.is_some()) && is_exposed {
        let detail = format!("it is {url}, made of listen.public");
        find(Code::PublicUrlUnset, detail);
    } else if !url.is_https() && !url.is_loopback() {
        let detail = format!("clients send passwords and tokens to {url} in plain text");
        find(Code::PublicUrlPlain, detail);
    }
    for range in config.trusted_proxies.iter().filter(|range| is_wide(range)) {
        let detail = format!("everybody in {range} is believed to be a proxy");
        find(Code::ProxiesWide, detail);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::testing::{config, found};

    fn check(text: &str, codes: &[Code]) {
        found(&findings(&config(text)), codes);
    }

    #[test]
    fn on_loopback_nothing_has_to_be_encrypted() {
        check("", &[]);
        check("listen.public = \"[::1]:8080\"", &[]);
    }

    #[test]
    fn who_can_be_reached_needs_tls_or_a_proxy() {
        let beyond = "listen.public = \"192.0.2.1:80\"\npublic_url = \"https://api.example.com\"\n";
        check(beyond, &[Code::ListenerUnencrypted]);
        check(&format!("{beyond}trusted_proxies = [\"10.0.0.7\"]"), &[]);
        let tls = "[tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"";
        check(&format!("{beyond}{tls}"), &[]);
    }

    #[test]
    fn administrators_are_not_to_be_reached() {
        check("listen.admin = \"0.0.0.0:9090\"", &[Code::AdminExposed]);
        check("listen.admin = \"127.0.0.2:9090\"", &[]);
    }

    #[test]
    fn the_public_url_is_what_clients_use() {
        let proxies = "trusted_proxies = [\"10.0.0.7\"]\n";
        let with = |rest: &str| format!("{proxies}{rest}");
        check(
            &with("listen.public = \"0.0.0.0:8080\""),
            &[Code::PublicUrlUnset],
        );
        check(
            &with("public_url = \"http://api.example.com\""),
            &[Code::PublicUrlPlain],
        );
        check(&with("public_url = \"https://api.example.com\""), &[]);
    }

    #[test]
    fn not_everybody_is_a_proxy() {
        check("trusted_proxies = [\"0.0.0.0/0\"]", &[Code::ProxiesWide]);
        check(
            "trusted_proxies = [\"::/0\", \"10.0.0.0/8\"]",
            &[Code::ProxiesWide],
        );
        check(
            "trusted_proxies = [\"10.0.0.0/8\", \"100.64.0.0/10\", \"203.0.113.0/24\"]",
            &[],
        );
    }
}
