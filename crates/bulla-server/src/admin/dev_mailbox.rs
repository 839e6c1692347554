//! `GET /dev/mailbox`: the letters of a server in development.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use bulla_core::time::Timestamp;
use bulla_guard::problem::Code;
use serde::Serialize;

use crate::{
    edge::{frame::framed, refused::Refused, time::rfc3339},
    mail::{Mailbox, Message, escape},
};

/// Nothing is loaded and nothing runs.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

#[derive(Serialize)]
struct Letters {
    /// The newest first.
    letters: Vec<Letter>,
}

#[derive(Serialize)]
struct Letter {
    at: String,
    to: String,
    subject: String,
    text: String,
    html: String,
}

/// `GET /dev/mailbox`: the newest letters, as a page, or as JSON for who accepts that. Only for development.
///
/// It answers unknown paths itself; a router that does so too takes it without that: `reset_fallback`.
pub fn dev_mailbox_router(mailbox: Arc<Mailbox>) -> Router {
    let routes = Router::new()
        .route("/dev/mailbox", get(show))
        .layer(middleware::from_fn(on_this_machine))
        .with_state(mailbox);
    framed(routes)
}

/// A name that somebody else's server has, and that leads here, is how a page on the web would read this one.
async fn on_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let here = host.is_some_and(|host| {
        let host = host.host().trim_matches(['[', ']']);
        host == "localhost"
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    });
    if !here {
        let detail = "ask by a name of this machine: `localhost`, or a loopback address";
        return Refused::new(Code::NotFound, detail).into_response();
    }
    next.run(request).await
}

async fn show(State(mailbox): State<Arc<Mailbox>>, headers: HeaderMap) -> Response {
    let letters = mailbox.letters();
    let accepts = headers.get(header::ACCEPT);
    let json = accepts.is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let mut response = if json {
        let letters = letters.into_iter().map(Letter::from).collect();
        Json(Letters { letters }).into_response()
    } else {
        Html(page(&letters)).into_response()
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

impl From<(Timestamp, Message)> for Letter {
    fn from((at, message): (Timestamp, Message)) -> Self {
        Self {
            at: rfc3339(at),
            to: message.to.as_str().to_owned(),
            subject: message.subject.as_str().to_owned(),
            text: message.text,
            html: message.html,
        }
    }
}

fn page(letters: &[(Timestamp, Message)]) -> String {
    let mut page = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mailbox</title></head><body>\
         <h1>Mailbox</h1><p>Letters that were not sent: this server is in development.</p>"
        .to_owned();
    for (at, message) in letters {
        let (subject, to) = (
            escape(message.subject.as_str()),
            escape(message.to.as_str()),
        );
        page.push_str(&format!(
            "<h2>{subject}</h2><p>{} to {to}</p><pre>",
            rfc3339(*at)
        ));
        for line in message.text.lines() {
            let shown = escape(line);
            let link = line.starts_with("https://") || line.starts_with("http://");
            page.push_str(&match link {
                true => format!("<a href=\"{shown}\">{shown}</a>\n"),
                false => format!("{shown}\n"),
            });
        }
        page.push_str("</pre>");
    }
    page.push_str("</body></html>\n");
    page
}
