//! What comes in the place of a gateway's answer.

use super::RawResponse;

impl RawResponse {
    /// HTTP 502 with a page of the gateway's front.
    pub(in crate::sim::gateway) fn bad_gateway() -> Self {
        page(502, BAD_GATEWAY)
    }

    /// HTTP 302 to somewhere else, as from the login page of a network.
    pub(in crate::sim::gateway) fn redirect() -> Self {
        Self { location: Some(ELSEWHERE), ..page(302, b"") }
    }

    /// HTTP 200 with a page of somebody else.
    pub(in crate::sim::gateway) fn somebody_elses() -> Self {
        page(200, SOMEBODY_ELSES)
    }
}

fn page(status: u16, body: &[u8]) -> RawResponse {
    RawResponse { status, content_type: "text/html", location: None, body: body.to_vec() }
}

const BAD_GATEWAY: &[u8] = b"<html><head><title>502 Bad Gateway</title></head><body></body></html>";

const SOMEBODY_ELSES: &[u8] =
    b"<!DOCTYPE html><html><body>Please accept the terms of this network.</body></html>";

/// Nobody has a server there: .invalid is reserved (RFC 2606).
const ELSEWHERE: &str = "http://login.invalid/";
