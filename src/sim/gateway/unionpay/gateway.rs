//! The platform on the wire: POST of JSON in, JSON out.
//!
//! ```text
//!   POST /open/access/1.0/user.mobile      {"appId":…,"accessToken":…,"openId":…,"backendToken":…}
//!   {"msg":"成功","params":{"mobile":"YRpIAfdvpf17mlI5jdxr7A=="},"resp":"00"}
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::code::{self, Code};
use super::{
    AnswerForm, CallFields, CallName, PlannedFault, UnionPay, UnionPayFault, UnionPayReply,
};
use crate::sim::gateway::http::{Outgoing, Polled, RawRequest, RawResponse, Service, Visit};

/// A simulated UnionPay as HTTP clients see it, with the faults that are planned for it.
#[derive(Debug)]
pub struct UnionPayGateway {
    unionpay: UnionPay,
    rng: Rng,
    plan: Vec<PlannedFault>,
    /// How many requests came for each call.
    calls: BTreeMap<CallName, u64>,
    visits: BTreeMap<Visit, Under>,
    next: u64,
    notes: Vec<String>,
}

/// A request that was taken: what is answered and when, if ever.
#[derive(Debug)]
struct Under {
    name: &'static str,
    answer: Option<(Instant, Outgoing)>,
}

impl UnionPayGateway {
    /// This platform behind HTTP, without a fault.
    pub fn new(unionpay: UnionPay, seed: u64) -> Self {
        Self {
            unionpay,
            rng: Rng::with_seed(seed),
            plan: Vec::new(),
            calls: BTreeMap::new(),
            visits: BTreeMap::new(),
            next: 0,
            notes: Vec::new(),
        }
    }

    /// Plans a fault for a call to come.
    pub fn plan(&mut self, planned: PlannedFault) {
        self.plan.push(planned);
    }

    /// The platform: its users, and the truth about what it gave.
    pub fn unionpay_mut(&mut self) -> &mut UnionPay {
        &mut self.unionpay
    }

    /// How many requests for a call a client has sent; what the network made two of counts once,
    /// and so does what was lost or refused.
    pub fn calls(&self, call: CallName) -> u64 {
        self.calls.get(&call).copied().unwrap_or_default()
    }

    fn enter(&mut self, now: Instant, request: &RawRequest<'_>) -> Under {
        let name = request.path.rsplit('/').next().unwrap_or_default();
        let Ok(call) = name.parse::<CallName>() else {
            self.note("a request for no call of the platform's".into());
            let answer = Some((now, Outgoing::Whole(not_implemented())));
            return Under { name: "a request", answer };
        };
        let calls = self.calls.entry(call).or_default();
        *calls += 1;
        let nth = *calls;
        let planned = self.plan.iter().position(|it| it.call == call && it.nth == nth);
        let fault = planned.map(|index| self.plan.remove(index).fault);
        let told = fault.map_or_else(String::new, |fault| format!(" (fault: {fault})"));
        self.note(format!("{call} no. {nth}{told}"));
        Under { name: call.wire(), answer: self.answer(now, call, request, fault) }
    }

    /// What a request comes to; nothing, if it is never answered.
    fn answer(
        &mut self,
        now: Instant,
        call: CallName,
        request: &RawRequest<'_>,
        fault: Option<UnionPayFault>,
    ) -> Option<(Instant, Outgoing)> {
        let form = match fault {
            Some(UnionPayFault::Misspelled) => AnswerForm::Samples,
            _ => self.unionpay.settings().form,
        };
        let unclear = match fault {
            Some(UnionPayFault::BadGateway) => Some(Outgoing::Whole(RawResponse::bad_gateway())),
            Some(UnionPayFault::Closed) => Some(Outgoing::Closed),
            Some(UnionPayFault::Html) => Some(Outgoing::Whole(RawResponse::somebody_elses())),
            _ => None,
        };
        if let Some(outgoing) = unclear {
            if self.rng.bool() {
                self.carry_out(now, call, request);
            }
            return Some((now, outgoing));
        }
        match fault {
            Some(UnionPayFault::Lost) => {
                if self.rng.bool() {
                    self.carry_out(now, call, request);
                }
                return None;
            }
            Some(UnionPayFault::Redirect) => {
                return Some((now, Outgoing::Whole(RawResponse::redirect())));
            }
            Some(UnionPayFault::Duplicated) => drop(self.carry_out(now, call, request)),
            Some(UnionPayFault::Evicted) => drop(self.unionpay.take_over(now)),
            _ => {}
        }
        let reply = match fault {
            Some(UnionPayFault::WrongSignature) => refusal(call, code::SIGNATURE),
            _ => self.carry_out(now, call, request),
        };
        let response = json(reply.body(form));
        Some(match fault {
            Some(UnionPayFault::CutOff) => (now, Outgoing::CutOff(response)),
            Some(UnionPayFault::Late) => (now + LATE, Outgoing::Whole(response)),
            _ => (now, Outgoing::Whole(response)),
        })
    }

    /// Has the platform answer, if it can read the request (7.8 nos. 5, 20, 30).
    fn carry_out(
        &mut self,
        now: Instant,
        call: CallName,
        request: &RawRequest<'_>,
    ) -> UnionPayReply {
        let is_json = request.content_type.is_some_and(|text| {
            let kind = text.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/json")
        });
        let fields = CallFields::read(request.body);
        let reply = match fields.filter(|_| request.post && is_json && request.query.is_empty()) {
            Some(fields) => self.unionpay.call(now, call, &fields),
            None => refusal(call, code::SYSTEM),
        };
        self.note(format!("{call}: {} {}", reply.code.resp, reply.code.msg));
        reply
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < NOTES {
            self.notes.push(note);
        }
    }
}

impl Service for UnionPayGateway {
    fn receive(&mut self, now: Instant, request: &RawRequest<'_>) -> Visit {
        self.next += 1;
        let visit = Visit(self.next);
        let under = self.enter(now, request);
        self.visits.insert(visit, under);
        visit
    }

    fn poll(&mut self, now: Instant, visit: Visit) -> Polled {
        match self.visits.remove(&visit) {
            Some(Under { answer: Some((at, outgoing)), .. }) if at <= now => Polled::Done(outgoing),
            Some(under) => match under.answer {
                Some((at, _)) => {
                    self.visits.insert(visit, under);
                    Polled::Wait(at)
                }
                None => {
                    self.note(format!("{} is never answered", under.name));
                    Polled::Never
                }
            },
            None => Polled::Never,
        }
    }

    fn leave(&mut self, visit: Visit) {
        if let Some(under) = self.visits.remove(&visit) {
            self.note(format!("{}: the client has gone before the answer", under.name));
        }
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

fn refusal(call: CallName, code: Code) -> UnionPayReply {
    UnionPayReply::new(call, Err(code))
}

fn json(body: Vec<u8>) -> RawResponse {
    RawResponse {
        status: 200,
        content_type: "application/json;charset=UTF-8",
        location: None,
        body,
    }
}

/// What is said about a call that there is not (7.8 no. 15). Its status is not specified.
fn not_implemented() -> RawResponse {
    let body = b"The server has understood the request, but refused to implement it.".to_vec();
    RawResponse { status: 501, content_type: "text/plain", location: None, body }
}

/// Longer than most clients wait for an answer. Not specified; as the other gateway's.
const LATE: Duration = Duration::from_secs(15);

/// How many notes wait for somebody to take them.
const NOTES: usize = 1024;
