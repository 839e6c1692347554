//! `bulla check-config`: everything that is wrong with the configuration, and what becomes of a request.

mod bearer;
mod outcome;
mod request;

use std::process::ExitCode;

use anyhow::Context;
use bulla_gateway::route::CredentialPlace;
use http::{
    HeaderName, HeaderValue,
    header::{CONNECTION, UPGRADE},
};
use serde_json::{Map, Value, json};

use self::{bearer::Bearer, request::Request};
use super::Global;
use crate::compose::{
    issuers, limits, mail,
    routes::{Routes, Services},
    tls,
};

const EXAMPLES: &str = "\
Examples:
  bulla check-config
  bulla check-config --config /etc/bulla/bulla.toml --json
  bulla check-config --route \"DELETE /api/users/7\"                   without a token
  bulla check-config --route \"DELETE /api/users/7\" --roles user      with one that has this role
  bulla check-config --route \"GET https://api.example.com/orders/7\"  at this host
  bulla check-config --route \"GET /orders\" --plan pro --scopes orders:read --json
  bulla check-config --route \"POST /orders\" --roles user --credential cookie --header \"X-Bulla-CSRF: 1\"
  bulla check-config --route \"GET /chat\" --anonymous --credential query --websocket
  bulla check-config --route \"OPTIONS /orders\" --header \"Origin: https://a.example\" --header \"Access-Control-Request-Method: PUT\"

With --route, it says which route decides, where it was written, and why the request passes or not.
Nothing is started, no file is made. Exit codes: 0 the configuration is good, 1 it is not.";

/// The flags of `bulla check-config`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A request, as in "GET /orders/7": say which route decides, and what becomes of it
    #[arg(long, value_name = "REQUEST")]
    route: Option<Request>,
    /// A header of the request, as in "Origin: https://app.example.com"; any number of times
    #[arg(long = "header", value_name = "HEADER", requires = "route", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The request asks for a WebSocket
    #[arg(long, requires = "route")]
    websocket: bool,
    #[command(flatten)]
    token: Token,
}

/// What the token of the request says. With none of these, the request has no token.
#[derive(Debug, clap::Args)]
struct Token {
    /// The request comes with a token that has these roles, by comma
    #[arg(long, value_delimiter = ',', requires = "route")]
    roles: Option<Vec<String>>,
    /// … with a token that has this plan
    #[arg(long, requires = "route")]
    plan: Option<String>,
    /// … with a token that has these scopes, by comma
    #[arg(long, value_delimiter = ',', requires = "route")]
    scopes: Option<Vec<String>>,
    /// … with a token that has these claims, as in '{"beta":true}'
    #[arg(long, value_name = "JSON", requires = "route", value_parser = claims)]
    claims: Option<Map<String, Value>>,
    /// … with an anonymous token
    #[arg(long, requires = "route")]
    anonymous: bool,
    /// Where the token is: header, cookie, query or form
    #[arg(long, value_name = "PLACE", requires = "route", default_value = "header", value_parser = CredentialPlace::parse)]
    credential: CredentialPlace,
}

/// Checks the configuration.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.load_config(Vec::new())?;
    tls::check(&config)?;
    issuers::check(&config)?;
    mail::check(&config)?;
    let routes = Routes::new(&config, &Services::placeholders())?;
    let mut checked = json!({ "valid": true, "routes": routes.table.routes().len() });
    let mut screen = "The configuration is good.".to_owned();
    if let Some(request) = &args.route {
        let mut headers = args.headers.clone();
        if args.websocket {
            headers.push((UPGRADE, HeaderValue::from_static("websocket")));
            headers.push((CONNECTION, HeaderValue::from_static("upgrade")));
        }
        let plans = limits::plans(&config);
        let outcome = request.outcome(&routes, &plans, &headers, args.token.bearer().as_ref());
        screen = outcome.screen();
        if let (Value::Object(checked), Value::Object(outcome)) = (&mut checked, outcome.json()) {
            checked.extend(outcome);
        }
    }
    global.output().print(&checked, |_| screen)?;
    Ok(ExitCode::SUCCESS)
}

impl Token {
    fn bearer(&self) -> Option<Bearer> {
        let Self {
            roles,
            plan,
            scopes,
            claims,
            anonymous,
            credential,
        } = self;
        let says = roles.is_some() || plan.is_some() || scopes.is_some() || claims.is_some();
        let some = says || *anonymous;
        let named = |names: &Option<Vec<String>>| -> Vec<String> {
            let names = names.iter().flatten().filter(|name| !name.is_empty());
            names.cloned().collect()
        };
        some.then(|| Bearer {
            roles: named(roles),
            plan: plan.clone(),
            scopes: named(scopes),
            claims: claims.clone().unwrap_or_default(),
            anonymous: *anonymous,
            place: *credential,
        })
    }
}

fn header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let (name, value) = text
        .split_once(':')
        .context("a header is a name, `:` and a value")?;
    Ok((name.parse()?, value.trim().parse()?))
}

fn claims(text: &str) -> anyhow::Result<Map<String, Value>> {
    serde_json::from_str(text).context("claims are a JSON object such as {\"beta\":true}")
}
