//! The head as the target gets it.

use std::sync::Arc;

use bulla_guard::verifier::Verifier;
use http::{HeaderValue, header::TE, request::Parts};

use super::{
    browser, client::Client, forwarded, framing::Authority, hop_by_hop, identity, outbound,
};
use crate::{
    record::Record,
    request_id::REQUEST_ID,
    route::{AddedHeader, Route, Site},
    target::Target,
};

/// What the steps found out about who asks for what.
pub(crate) struct Context<'rules> {
    pub(crate) client: Client,
    pub(crate) authority: Option<Authority>,
    pub(crate) verifier: &'rules Arc<Verifier>,
    pub(crate) site: &'rules Site,
}

/// Takes out of the head what is not the client's to say, and puts in what the target shall know.
pub(crate) fn rewrite(head: &mut Parts, route: &Route, context: &Context<'_>, record: &Record<'_>) {
    let takes_trailers =
        route.target.is_asked_over_http2() && hop_by_hop::takes_trailers(&head.headers);
    if let Target::Service(_) = route.target {
        let told = browser::describe(head, context.site, route);
        head.extensions.insert(told);
    }
    let headers = &mut head.headers;
    outbound::clean(headers, route.forward_token, context.site.cookies);
    if takes_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if let Some(principal) = &record.principal {
        identity::write(headers, principal, &route.forward_claims);
    }
    let host = context.authority.as_ref();
    forwarded::write(headers, &context.client, host, route.strip_prefix.as_ref());
    AddedHeader::add_to_request(&route.request_headers, headers);
    headers.insert(REQUEST_ID, record.id_header.clone());
}
