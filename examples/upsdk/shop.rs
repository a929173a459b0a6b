//! The server behind the page.

use std::collections::HashMap;
use std::convert::Infallible;
use std::str::FromStr;
use std::time::{Instant, SystemTime};

use m26_pay::gateway::Http;
use m26_pay::gateway::unionpay::token::MemoryTokens;
use m26_pay::gateway::unionpay::{FrontToken, PageUrl, Stamp, UnionPay, UpsdkConfig};
use m26_pay::sim::gateway::http::{Outgoing, Polled, RawRequest, RawResponse, Service, Visit};
use m26_pay::unix_time::UnixMillis;
use percent_encoding::percent_decode;
use serde_json::Value;

/// What the page is made of.
pub(crate) struct Page {
    /// Scheme, host and port of the page: nothing is signed for others.
    pub(crate) origin: String,
    pub(crate) script: Script,
    pub(crate) library: Option<String>,
    pub(crate) debug: bool,
}

/// Which script the page loads.
#[derive(Clone)]
pub(crate) enum Script {
    StandIn,
    UnionPay(String),
}

impl FromStr for Script {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "stand-in" => Self::StandIn,
            address => Self::UnionPay(address.to_owned()),
        })
    }
}

/// One page, its configuration, and what the page tells.
pub(crate) struct Shop {
    unionpay: UnionPay<Http, MemoryTokens>,
    page: Page,
    /// The token that the last configuration was signed with.
    token: Option<FrontToken>,
    answers: HashMap<Visit, RawResponse>,
    next: u64,
    notes: Vec<String>,
}

impl Shop {
    pub(crate) fn new(unionpay: UnionPay<Http, MemoryTokens>, page: Page) -> Self {
        Self { unionpay, page, token: None, answers: HashMap::new(), next: 0, notes: Vec::new() }
    }

    fn answer(&mut self, request: &RawRequest<'_>) -> RawResponse {
        match (request.post, request.path) {
            (false, "/") => answer(200, "text/html;charset=UTF-8", &self.html()),
            (false, "/config") => match self.config(request.query) {
                Ok(config) => answer(200, "application/json;charset=UTF-8", &config.to_json()),
                Err(problem) => {
                    self.notes.push(format!("no configuration: {problem}"));
                    answer(403, PLAIN, &problem)
                }
            },
            (true, "/state") => {
                self.hear(request.body);
                answer(200, PLAIN, "")
            }
            (false, "/stand-in.js") => answer(200, "text/javascript;charset=UTF-8", STAND_IN),
            (true, "/given") => {
                // Read and written again, so that nothing but JSON gets to the screen.
                let given: Value = serde_json::from_slice(request.body).unwrap_or_default();
                self.notes.push(format!("the stand-in was given {given}"));
                answer(200, PLAIN, "")
            }
            _ => answer(404, PLAIN, "there is no such page\n"),
        }
    }

    fn html(&self) -> String {
        let script = match &self.page.script {
            Script::StandIn => "/stand-in.js",
            Script::UnionPay(address) => address,
        };
        let library = match &self.page.library {
            Some(address) => format!("<script src=\"{}\"></script>", escaped(address)),
            None => String::new(),
        };
        PAGE.replace("LIBRARY", &library).replace("SCRIPT", &escaped(script))
    }

    /// The configuration for the address that the page says it has.
    fn config(&mut self, query: &[u8]) -> Result<UpsdkConfig, String> {
        let url = query.strip_prefix(b"url=").ok_or("say for which address: url=")?;
        let url = percent_decode(url).decode_utf8().map_err(|error| error.to_string())?;
        let url = PageUrl::new(&url).map_err(|error| error.to_string())?;
        if url.origin() != self.page.origin {
            return Err(format!(
                "nothing is signed for other pages than those of {}",
                self.page.origin
            ));
        }
        let token = self.unionpay.front_token().map_err(|error| error.to_string())?;
        let stamp = Stamp::new(wall()).map_err(|error| error.to_string())?;
        let config = UpsdkConfig::new(self.unionpay.app(), &token, &url, stamp);
        self.token = Some(token);
        Ok(if self.page.debug { config.with_messages() } else { config })
    }

    /// What the page says about itself.
    fn hear(&mut self, state: &[u8]) {
        match (state, &self.token) {
            (b"ready", _) => self.notes.push("the page is ready".to_owned()),
            (b"refused a20", Some(token)) => {
                self.unionpay.front_token_refused(token);
                self.notes.push("the script does not take the front token any more".to_owned());
            }
            _ => self.notes.push("the script does not take the configuration".to_owned()),
        }
    }
}

impl Service for Shop {
    fn receive(&mut self, _: Instant, request: &RawRequest<'_>) -> Visit {
        let answer = self.answer(request);
        let visit = Visit(self.next);
        self.next += 1;
        self.answers.insert(visit, answer);
        visit
    }

    fn poll(&mut self, _: Instant, visit: Visit) -> Polled {
        match self.answers.remove(&visit) {
            Some(answer) => Polled::Done(Outgoing::Whole(answer)),
            None => Polled::Never,
        }
    }

    fn leave(&mut self, visit: Visit) {
        self.answers.remove(&visit);
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

fn answer(status: u16, content_type: &'static str, body: &str) -> RawResponse {
    RawResponse { status, content_type, location: None, body: body.into() }
}

/// As it may stand in an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[allow(clippy::disallowed_methods, reason = "the configuration is signed with the real time")]
fn wall() -> UnixMillis {
    SystemTime::now().into()
}

const PLAIN: &str = "text/plain;charset=UTF-8";

const PAGE: &str = include_str!("page.html");

const STAND_IN: &str = include_str!("stand_in.js");
