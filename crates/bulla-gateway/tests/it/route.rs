//! Which route decides.

use bulla_gateway::route::{
    ForwardedClaim, Found, HostName, Methods, PathPattern, Route, RouteError, RouteTable,
};
use bulla_guard::access::Access;
use http::Method;

use crate::support::{route, upstream};

fn rule(host: Option<&str>, path: &str, methods: &[&str]) -> Route {
    let mut rule = route(path, Access::Public, upstream("127.0.0.1:1"));
    rule.host = host.map(|host| HostName::parse(host).unwrap());
    if !methods.is_empty() {
        rule.methods = Methods::parse(methods).unwrap();
    }
    rule
}

/// The pattern (after its host) that decides; `405` and `Allow`; or `404`.
fn decides(table: &RouteTable, host: &str, method: &Method, path: &str) -> String {
    match table.find(Some(host), path, method) {
        Found::Route(_, route) => format!(
            "{}{}",
            route.host.as_ref().map_or("", |host| host.as_str()),
            route.path
        ),
        Found::OtherMethods(methods) => format!("405 {}", methods.allow().to_str().unwrap()),
        Found::Nothing => "404".to_owned(),
    }
}

#[test]
fn literals_come_before_parameters_before_catch_alls() {
    let paths = [
        "/{*rest}",
        "/api/{*rest}",
        "/api/{kind}",
        "/api/users",
        "/api/{kind}/new",
        "/api/users/{id}",
        "/api/{kind}/{*rest}",
    ];
    let expected = [
        ("/", "/{*rest}"),
        ("/other/a", "/{*rest}"),
        ("/api", "/api/{*rest}"),
        ("/api/", "/api/{*rest}"),
        ("/api/orders", "/api/{kind}"),
        ("/api/users", "/api/users"),
        ("/api/users/", "/api/users"),
        ("/api/users/7", "/api/users/{id}"),
        ("/api/users/new", "/api/users/{id}"),
        ("/api/orders/new", "/api/{kind}/new"),
        ("/api/users/7/a", "/api/{kind}/{*rest}"),
        ("/api/orders/7", "/api/{kind}/{*rest}"),
        ("/API/users", "/{*rest}"),
    ];
    let mut rules: Vec<Route> = paths.iter().map(|path| rule(None, path, &[])).collect();
    for _ in 0..rules.len() {
        rules.rotate_left(1);
        let table = RouteTable::build(rules.clone()).unwrap();
        for (path, pattern) in expected {
            assert_eq!(decides(&table, "a", &Method::GET, path), pattern, "{path}");
        }
    }
}

#[test]
fn a_host_comes_before_no_host_and_falls_back_to_it() {
    let table = RouteTable::build(vec![
        rule(None, "/api/users", &[]),
        rule(None, "/other", &[]),
        rule(Some("api.example"), "/{*rest}", &[]),
        rule(Some("shop.example"), "/cart", &[]),
    ])
    .unwrap();
    assert_eq!(
        decides(&table, "API.example.", &Method::GET, "/api/users"),
        "api.example/{*rest}"
    );
    assert_eq!(
        decides(&table, "shop.example", &Method::GET, "/cart"),
        "shop.example/cart"
    );
    assert_eq!(
        decides(&table, "shop.example", &Method::GET, "/other"),
        "/other"
    );
    assert_eq!(
        decides(&table, "elsewhere.example", &Method::GET, "/cart"),
        "404"
    );
    assert!(matches!(
        table.find(None, "/cart", &Method::GET),
        Found::Nothing
    ));
}

#[test]
fn the_method_does_not_lead_to_a_wider_route() {
    let table = RouteTable::build(vec![
        rule(None, "/admin", &["GET"]),
        rule(None, "/admin", &["PUT"]),
        rule(None, "/{*rest}", &[]),
    ])
    .unwrap();
    assert_eq!(decides(&table, "a", &Method::GET, "/admin"), "/admin");
    assert_eq!(decides(&table, "a", &Method::PUT, "/admin"), "/admin");
    assert_eq!(
        decides(&table, "a", &Method::POST, "/admin"),
        "405 GET, HEAD, PUT"
    );
    assert_eq!(decides(&table, "a", &Method::POST, "/admin/a"), "/{*rest}");
}

#[test]
fn head_goes_where_get_goes_unless_it_is_listed() {
    let table = RouteTable::build(vec![
        rule(None, "/a", &["GET"]),
        rule(None, "/b", &["GET"]),
        rule(None, "/b/", &["HEAD"]),
    ])
    .unwrap();
    assert_eq!(decides(&table, "a", &Method::HEAD, "/a"), "/a");
    assert_eq!(decides(&table, "a", &Method::HEAD, "/b"), "/b/");
}

#[test]
fn nothing_is_404_and_never_open() {
    let table = RouteTable::build(vec![rule(None, "/a/{id}", &[])]).unwrap();
    for path in ["/", "/a", "/a/", "/a/b/c", "/b/c"] {
        assert_eq!(decides(&table, "a", &Method::GET, path), "404", "{path}");
    }
}

#[test]
fn two_rules_for_the_same_requests_are_refused() {
    let pattern = |text| PathPattern::parse(text).unwrap();
    let conflict = RouteTable::build(vec![
        rule(None, "/a/{id}", &["GET", "PUT"]),
        rule(None, "/a/{name}/", &["PUT"]),
    ]);
    let expected = RouteError::Conflict {
        host: None,
        first: pattern("/a/{id}"),
        second: pattern("/a/{name}/"),
    };
    assert_eq!(conflict.unwrap_err(), expected);
    let apart = [
        rule(None, "/a/{id}", &["GET"]),
        rule(None, "/a/{id}", &["PUT"]),
        rule(Some("a.example"), "/a/{id}", &["GET"]),
    ];
    assert_eq!(RouteTable::build(apart.to_vec()).unwrap().routes().len(), 3);
}

#[test]
fn two_claims_in_one_header_are_refused() {
    let mut both = rule(None, "/", &[]);
    both.forward_claims = ["team_id", "team-id"]
        .map(|name| ForwardedClaim::parse(name).unwrap())
        .to_vec();
    assert!(matches!(
        RouteTable::build(vec![both]),
        Err(RouteError::ClaimHeaderTwice { .. })
    ));
}
