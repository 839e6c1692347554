//! `[cookies]`: what can be handed out, and where.

use bulla_guard::client::CookieNames;

use super::{check, file, nothing, said};

#[test]
fn they_are_handed_out_unless_they_would_not_fit_or_nobody_wants_them() {
    let cookies = |text: &str| file(text).load().cookies;
    assert_eq!(nothing().load().cookies, Some(CookieNames::Host));
    assert_eq!(
        cookies("tokens.algorithm = \"PS512\""),
        Some(CookieNames::Host)
    );
    assert_eq!(cookies("cookies.enabled = false"), None);
    for algorithm in ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] {
        assert_eq!(
            cookies(&format!("tokens.algorithm = \"{algorithm}\"")),
            None
        );
    }
    let disabled = nothing().variable("BULLA__COOKIES__ENABLED", "false");
    assert_eq!(disabled.load().cookies, None);
}

#[test]
fn an_algorithm_whose_tokens_do_not_fit_is_refused_with_them() {
    for key in ["enabled", "plain_loopback"] {
        let text = format!("cookies.{key} = true\ntokens.algorithm = \"ML-DSA-44\"");
        let said = said(&text);
        assert!(
            said.starts_with(&format!("bulla.toml:1: `cookies.{key}`"))
                && said.contains("signed with ML-DSA-44 do not fit a cookie"),
            "{said}"
        );
    }
    let without = "cookies.enabled = false\ntokens.algorithm = \"ML-DSA-44\"";
    assert_eq!(file(without).load().cookies, None);
}

#[test]
fn plain_ones_are_for_loopback_alone() {
    for good in [
        "",
        "public_url = \"http://localhost:8080\"",
        "public_url = \"http://127.0.0.2\"",
        "public_url = \"http://[::1]:8080\"\nlisten.public = \"[::1]:8080\"",
    ] {
        let config = file(&format!("{good}\ncookies.plain_loopback = true")).load();
        assert_eq!(config.cookies, Some(CookieNames::PlainLoopback), "{good}");
    }
    for bad in [
        "public_url = \"https://localhost:8080\"",
        "public_url = \"http://192.0.2.1\"",
        "public_url = \"http://localhost.example\"",
        "listen.public = \"0.0.0.0:8080\"",
        "listen.public = \"0.0.0.0:8080\"\npublic_url = \"http://localhost:8080\"",
        "listen.public = \"192.0.2.1:8080\"",
    ] {
        let said = said(&format!("{bad}\ncookies.plain_loopback = true"));
        assert!(
            said.contains(
                "`cookies.plain_loopback`: is for a Bulla that only its own machine reaches"
            ),
            "{said}"
        );
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    let said = said("cookies.plain_loopback = true\ncookies.enabled = false");
    assert!(
        said.contains("says nothing while `cookies.enabled`"),
        "{said}"
    );
    check(
        "cookies.enabled = \"yes\"",
        &["`cookies.enabled`: expected `true` or `false`"],
    );
    check("cookies.origins = []", &["`cookies.origins`: unknown key"]);
    check("cors = \"https://a.example\"", &["`cors`: expected a list"]);
}
