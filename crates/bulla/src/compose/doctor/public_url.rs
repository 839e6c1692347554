//! What clients get where they come to.

use std::time::Duration;

use bulla_core::{ports::Clock as _, time::Timestamp};
use bulla_server::{
    config::values::HttpOrigin,
    doctor::{self, Area, Check, Code, Finding, Seen},
    issuer::SystemClock,
};
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::time::timeout;

use crate::public_api::PublicApi;

/// A machine that cannot reach itself often waits for an answer that never comes.
const PATIENCE: Duration = Duration::from_secs(4);

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// Asks at this URL for what this issuer would answer.
pub(super) fn public_url(url: HttpOrigin, issuer: String) -> Check {
    Check::new(Area::PublicUrl, async move {
        match timeout(PATIENCE, look(&url, &issuer)).await {
            Ok(seen) => seen,
            Err(_) => unreachable(&url, "it does not answer"),
        }
    })
}

async fn look(url: &HttpOrigin, issuer: &str) -> Seen {
    let asked = async { PublicApi::at(url)?.get_dated(METADATA).await };
    let (metadata, date) = match asked.await {
        Ok(answer) => answer,
        Err(error) => return unreachable(url, &format!("{error:#}")),
    };
    let mut findings = Vec::new();
    if metadata["issuer"] != issuer {
        let detail = format!("{url}{METADATA} is not this issuer's, {issuer}");
        findings.push(Finding::new(Code::PublicUrlOther, detail));
    }
    let date = date.as_deref().and_then(read);
    findings.extend(date.and_then(|other| {
        doctor::beside(SystemClock.now(), other, &format!("what answers at {url}"))
    }));
    (url.to_string(), findings)
}

fn unreachable(url: &HttpOrigin, why: &str) -> Seen {
    let finding = Finding::new(Code::PublicUrlUnreachable, why);
    (format!("{url} from here"), vec![finding])
}

/// RFC 9110 section 5.6.7, as all servers write it today.
fn read(date: &str) -> Option<Timestamp> {
    let date = DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Timestamp::from_millis(date.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_http() {
        let read = |text| read(text).map(Timestamp::as_seconds);
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(read("yesterday"), None);
    }
}
