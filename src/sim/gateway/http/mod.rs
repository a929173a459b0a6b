//! HTTP as far as a gateway needs it, and a server for loopback.

mod connection;
mod pages;
mod params;
mod server;

use std::fmt;
use std::time::Instant;

pub use params::{Params, RepeatedParam};
pub use server::{RunningServer, Server, ServerHandle};

/// A request, as far as a gateway looks at it.
#[derive(Clone, Copy)]
pub struct RawRequest<'a> {
    /// Whether it is a POST; else it is a GET.
    pub post: bool,
    /// Its target, up to the `?`.
    pub path: &'a str,
    /// What follows the `?` of its target.
    pub query: &'a [u8],
    /// The header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// Without what it says: there are payment codes in it.
impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = if self.post { "POST" } else { "GET" };
        write!(f, "{method}({} and {} bytes redacted)", self.query.len(), self.body.len())
    }
}

/// An answer.
#[derive(Clone, Eq, PartialEq)]
pub struct RawResponse {
    /// The status.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Location`.
    pub location: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

/// Without what it says: there are signatures in it.
impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawResponse({}, {} bytes redacted)", self.status, self.body.len())
    }
}

/// What a client gets.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outgoing {
    /// The connection closes.
    Closed,
    /// The head says more than what comes of the body before the connection closes.
    CutOff(RawResponse),
    /// A whole answer.
    Whole(RawResponse),
}

/// How far a request has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Polled {
    /// This is the end of it.
    Done(Outgoing),
    /// Nothing ever comes.
    Never,
    /// Ask again at this time.
    Wait(Instant),
}

/// A request that a [`Service`] works on.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Visit(pub u64);

/// A gateway behind HTTP: a state machine on the time that it is told.
pub trait Service {
    /// Takes a request.
    fn receive(&mut self, now: Instant, request: &RawRequest<'_>) -> Visit;

    /// What has come of it by now. After [`Polled::Done`] or [`Polled::Never`] it is forgotten.
    fn poll(&mut self, now: Instant, visit: Visit) -> Polled;

    /// Its client has gone. What it asked for may still happen.
    fn leave(&mut self, visit: Visit);

    /// What has happened since the last time, in lines for a person, without any secret.
    fn notes(&mut self) -> Vec<String>;
}
