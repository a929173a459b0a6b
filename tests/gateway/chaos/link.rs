//! What is between a till and the simulated gateway: words, or signed bytes.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use fastrand::Rng;
use m26_pay::gateway::alipay::payment::{Hear, Heard, Step};
use m26_pay::gateway::alipay::{GatewayUrl, Merchant, Query};
use m26_pay::gateway::{HttpResponse, TransportError, TransportFault};
use m26_pay::sim::gateway::alipay::{
    Alipay, AlipayLine, CodeId, Fate, Fault, Gateway, LineTicket, Method, PayCall, Planned,
    PrecreateCall, ReplyKind, Taken, TradeCall, Which,
};
use m26_pay::sim::gateway::http::{Outgoing, Polled, RawRequest, Service, Visit};
use m26_pay::sim::gateway::{Signing, SigningKey, VerifyingKey};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;

use super::plan::Plan;
use super::words;
use crate::orders;

/// Carries a till's requests to a gateway, and the answers back.
pub trait Link {
    /// A link to a gateway that is as the plan says.
    fn new(plan: &Plan) -> Self;

    /// Sends what a step asks for. `rng` decides what becomes of it; without one all goes well.
    fn send(&mut self, now: Instant, step: Step, plan: &Plan, rng: Option<&mut Rng>);

    /// What has come of what was sent last, by now.
    fn take(&mut self, now: Instant) -> Took;

    /// Nobody waits for it any more. It may still arrive.
    fn forget(&mut self);

    /// The trades, and the truth about them.
    fn alipay(&mut self) -> &mut Alipay;

    /// How many calls of a method were sent.
    fn calls(&self, method: Method) -> u64;

    /// Lets everything come to its end; gives when that is.
    fn run_out(&mut self, now: Instant) -> Instant;
}

/// Whether an answer is there.
pub enum Took {
    Heard(Heard),
    Wait(Instant),
    Never,
}

/// The words of the simulated gateway, in the place of signed bytes.
pub struct Words {
    line: AlipayLine,
    sent: Option<(LineTicket, Method)>,
}

impl Link for Words {
    fn new(plan: &Plan) -> Self {
        Self { line: AlipayLine::new(plan.settings.clone(), plan.seed), sent: None }
    }

    fn send(&mut self, now: Instant, step: Step, plan: &Plan, rng: Option<&mut Rng>) {
        let fate = rng.map_or_else(Fate::default, |rng| plan.fate(rng));
        let call = call(&step, plan);
        if matches!(call, TradeCall::Precreate(_)) && !is_shown(&fate) {
            self.alipay().settings_mut().scanned_after = None;
        }
        let method = call.method();
        self.sent = Some((self.line.send_with(now, call, fate), method));
    }

    fn take(&mut self, now: Instant) -> Took {
        let Some((ticket, method)) = self.sent else { return Took::Never };
        match self.line.take(now, ticket) {
            Taken::Reply(reply) => Took::Heard(words::hear(method, reply)),
            Taken::Wait(until) => Took::Wait(until),
            Taken::Never => Took::Never,
        }
    }

    fn forget(&mut self) {
        if let Some((ticket, _)) = self.sent.take() {
            self.line.forget(ticket);
        }
    }

    fn alipay(&mut self) -> &mut Alipay {
        self.line.alipay_mut()
    }

    fn calls(&self, method: Method) -> u64 {
        self.line.calls(method)
    }

    fn run_out(&mut self, now: Instant) -> Instant {
        self.line.run_out(now)
    }
}

/// What a step asks for, as the simulated gateway has it.
fn call(step: &Step, plan: &Plan) -> TradeCall {
    let which = || Which::from(super::NUMBER);
    match step {
        Step::Pay(_) => {
            let mut pay = PayCall::new(super::NUMBER, plan.total, CodeId(1));
            pay.timeout = Some(plan.timeout);
            TradeCall::Pay(pay)
        }
        Step::Precreate(_) => TradeCall::Precreate(PrecreateCall {
            out_trade_no: super::NUMBER.into(),
            total: plan.total,
            timeout: Some(plan.timeout),
        }),
        Step::Query(_) => TradeCall::Query(which()),
        Step::Cancel(_) => TradeCall::Cancel(which()),
        other => panic!("{other:?} asks for nothing"),
    }
}

/// Whether the till gets the code in time, so that a customer can scan it.
fn is_shown(fate: &Fate) -> bool {
    let way = |way: Option<Duration>| way.unwrap_or(super::ANSWER);
    matches!(fate.said, ReplyKind::Truth | ReplyKind::Gbk | ReplyKind::WrongAmount)
        && way(fate.arrives) + fate.works + way(fate.returns) < super::ANSWER
}

/// Signed bytes both ways, with keys of 2048 bits.
pub struct Signed {
    gateway: Gateway,
    merchant: Merchant,
    sent: Option<(Visit, Step)>,
}

impl Link for Signed {
    fn new(plan: &Plan) -> Self {
        let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
        let app = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
        let signing = Signing::Rsa2 { gateway: Box::new(alipay), app };
        let mut gateway = Gateway::new(plan.settings.clone(), signing, plan.seed);
        let rng = &mut Rng::with_seed(plan.seed ^ 0xfa17);
        for method in [Method::Pay, Method::Precreate, Method::Query, Method::Cancel] {
            for nth in 1..12 {
                if rng.u32(..1_000) < plan.rough {
                    let fault = Fault::ALL[rng.usize(..Fault::ALL.len())];
                    gateway.plan(Planned { fault, method, nth });
                    if method == Method::Precreate {
                        gateway.alipay_mut().settings_mut().scanned_after = None;
                    }
                }
            }
        }
        Self { gateway, merchant: MERCHANT.clone(), sent: None }
    }

    fn send(&mut self, now: Instant, step: Step, _: &Plan, _: Option<&mut Rng>) {
        let at = at(now);
        let merchant = &self.merchant;
        let request = match &step {
            Step::Pay(pay) => merchant.request(&**pay, at),
            Step::Precreate(precreate) => merchant.request(&**precreate, at),
            Step::Query(query) => merchant.request(query, at),
            Step::Cancel(cancel) => merchant.request(cancel, at),
            other => panic!("{other:?} asks for nothing"),
        };
        let visit = self.receive(now, &request.unwrap());
        self.sent = Some((visit, step));
    }

    fn take(&mut self, now: Instant) -> Took {
        let Some((visit, step)) = &self.sent else { return Took::Never };
        let answered = match self.gateway.poll(now, *visit) {
            Polled::Done(Outgoing::Whole(response)) => {
                let kind = Some(response.content_type.to_owned());
                Ok(HttpResponse::new(response.status, kind, response.body))
            }
            Polled::Done(Outgoing::Closed) => Err(TransportFault::Closed),
            Polled::Done(Outgoing::CutOff(_)) => Err(TransportFault::CutOff),
            Polled::Wait(until) => return Took::Wait(until),
            _ => return Took::Never,
        };
        Took::Heard(match step {
            Step::Pay(pay) => self.hear(&**pay, answered),
            Step::Precreate(precreate) => self.hear(&**precreate, answered),
            Step::Query(query) => self.hear(query, answered),
            Step::Cancel(cancel) => self.hear(cancel, answered),
            other => panic!("{other:?} asks for nothing"),
        })
    }

    fn forget(&mut self) {
        if let Some((visit, _)) = self.sent.take() {
            self.gateway.leave(visit);
        }
    }

    fn alipay(&mut self) -> &mut Alipay {
        self.gateway.alipay_mut()
    }

    fn calls(&self, method: Method) -> u64 {
        self.gateway.line().calls(method)
    }

    fn run_out(&mut self, now: Instant) -> Instant {
        // A question about another order, an hour later, brings the line to that time.
        let later = now + Duration::from_secs(3600);
        let other = self.merchant.request(&Query::new(orders::number("W2")), at(later));
        self.receive(later, &other.unwrap());
        later + Duration::from_secs(16 * 24 * 3600)
    }
}

impl Signed {
    fn receive(&mut self, now: Instant, request: &m26_pay::gateway::HttpRequest) -> Visit {
        let query = request.url().split_once('?').unwrap().1;
        let raw = RawRequest {
            post: true,
            path: "/gateway.do",
            query: query.as_bytes(),
            content_type: Some(request.content_type()),
            body: request.body(),
        };
        self.gateway.receive(now, &raw)
    }

    fn hear<C: Hear>(&self, call: &C, answered: Result<HttpResponse, TransportFault>) -> Heard {
        match answered {
            Ok(response) => Heard::answer::<C>(&self.merchant.read(call, &response)),
            Err(fault) => Heard::no_answer(&TransportError::new(fault)),
        }
    }
}

/// The wall clock of the simulated gateway.
fn at(now: Instant) -> UnixMillis {
    UnixMillis(1_795_957_200_000).plus(now - orders::epoch())
}

static MERCHANT: LazyLock<Merchant> = LazyLock::new(|| {
    let app_id = orders::identity().app_id.clone();
    let (app, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
    Merchant::new(GatewayUrl::live(), app_id, app, alipay).unwrap()
});
