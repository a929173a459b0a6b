//! Alipay's gateway on the wire: parameters in, signed JSON out.
//!
//! ```text
//!   POST /gateway.do?app_id=…&method=alipay.trade.pay&charset=utf-8&sign=…      biz_content=%7B…
//!   {"alipay_trade_pay_response":{"code":"10000",…},"sign":"…"}
//! ```

mod biz;
mod certificate;
mod charset;
mod json;
mod notice;
mod params;

use std::collections::BTreeMap;
use std::time::Instant;

use super::{
    Alipay, AlipayLine, AlipaySettings, LineReply, LineTicket, Method, Planned, ReplyKind, Taken,
    TradeCall,
};
use crate::sim::gateway::Signing;
use crate::sim::gateway::http::{
    Outgoing, Params, Polled, RawRequest, RawResponse, Service, Visit,
};
pub use certificate::{CertificateNumbers, NotCertificates};
use charset::Charset;
use json::Written;
use params::Refusal;

pub use notice::{Notice, NoticeStyle};

/// A simulated Alipay as HTTP clients see it: [`AlipayLine`] with signatures.
///
/// It takes GET and POST, with the parameters in any order, in the query or in the body. What is
/// not signed with the app's key is refused before it reaches the line, and the refusal is
/// unsigned, as the real gateway's are (gateway-traps 28).
#[derive(Debug)]
pub struct Gateway {
    line: AlipayLine,
    signing: Signing,
    certificates: Option<CertificateNumbers>,
    visits: BTreeMap<Visit, Under>,
    next: u64,
    notes: Vec<String>,
}

/// A request under way.
#[derive(Debug)]
struct Under {
    charset: Charset,
    method: Option<Method>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// It is refused without the trade machine; `known` says whether the app's key has signed it.
    Refused { refusal: Refusal, known: bool },
    /// It is on the line.
    Sent(LineTicket),
}

impl Gateway {
    /// A gateway without a trade or a fault.
    pub fn new(settings: AlipaySettings, signing: Signing, seed: u64) -> Self {
        let line = AlipayLine::new(settings, seed);
        Self {
            line,
            signing,
            certificates: None,
            visits: BTreeMap::new(),
            next: 0,
            notes: Vec::new(),
        }
    }

    /// The same in certificate mode (公钥证书方式): requests name the application's certificate and
    /// the roots, and answers name the gateway's.
    pub fn with_certificates(self, certificates: CertificateNumbers) -> Self {
        Self { certificates: Some(certificates), ..self }
    }

    /// Plans a fault for a call to come. Calls that are refused at the door do not count.
    pub fn plan(&mut self, planned: Planned) {
        self.line.plan(planned);
    }

    /// The line behind the door.
    pub fn line(&self) -> &AlipayLine {
        &self.line
    }

    /// The trades, and the truth about them.
    pub fn alipay_mut(&mut self) -> &mut Alipay {
        self.line.alipay_mut()
    }

    fn enter(&mut self, now: Instant, request: &RawRequest<'_>) -> Under {
        let pieces =
            if request.post { [request.query, request.body] } else { [request.query, b""] };
        let form = if request.post && !is_form(request) {
            Err("the body is not application/x-www-form-urlencoded".into())
        } else {
            Params::read(&pieces).map_err(|error| error.to_string())
        };
        let form = match form {
            Ok(form) => form,
            Err(reason) => {
                let refusal = Refusal::new(40002, "isv.invalid-parameter", reason);
                return self.refuse(Charset::Utf8, None, refusal, false);
            }
        };
        let charset = Charset::of(&form);
        let method = form.text("method").and_then(params::method);
        let (charset, method) =
            match params::check(&form, charset, method, &self.signing).and_then(|known| {
                params::certificates(&form, self.certificates.as_ref()).map(|()| known)
            }) {
                Ok(known) => known,
                Err(refusal) => {
                    return self.refuse(charset.unwrap_or(Charset::Utf8), method, refusal, false);
                }
            };
        let unix = self.line.alipay_mut().unix(now);
        match biz::call(&form, charset, method, unix) {
            Ok(call) => {
                self.note_call(&call);
                let ticket = self.line.send(now, call);
                Under { charset, method: Some(method), stage: Stage::Sent(ticket) }
            }
            Err(refusal) => self.refuse(charset, Some(method), refusal, true),
        }
    }

    fn refuse(
        &mut self,
        charset: Charset,
        method: Option<Method>,
        refusal: Refusal,
        known: bool,
    ) -> Under {
        let name = method.map_or_else(|| "a request".into(), |method| method.to_string());
        self.note(format!("{name} is refused, {}: {}", refusal.sub_code, refusal.reason));
        Under { charset, method, stage: Stage::Refused { refusal, known } }
    }

    /// What a reply is as HTTP.
    fn deliver(&mut self, under: &Under, reply: &LineReply) -> Outgoing {
        let method = under.method;
        let whole = |charset, written: &Written, sign: Option<String>| RawResponse {
            status: 200,
            content_type: Charset::content_type(charset),
            location: None,
            body: written.body(self.alipay_cert_sn(), sign.as_deref()),
        };
        let written = |charset| Written::answer(method, reply.answer.as_ref(), charset);
        let signed = |charset| {
            let written = written(charset);
            let sign = self.signing.sign(written.node());
            whole(charset, &written, Some(sign))
        };
        let charset = under.charset;
        Outgoing::Whole(match reply.said {
            ReplyKind::BadGateway => RawResponse::bad_gateway(),
            ReplyKind::Closed => return Outgoing::Closed,
            ReplyKind::CutOff => return Outgoing::CutOff(signed(charset)),
            ReplyKind::Gbk => signed(Charset::Gbk),
            ReplyKind::Html => RawResponse::somebody_elses(),
            ReplyKind::Instead(..) | ReplyKind::Truth | ReplyKind::WrongAmount => signed(charset),
            ReplyKind::Redirect => RawResponse::redirect(),
            ReplyKind::Unsigned => whole(charset, &written(charset), None),
            ReplyKind::WrongSignature => {
                let sign = self.signing.sign(b"another text");
                whole(charset, &written(charset), Some(sign))
            }
        })
    }

    fn alipay_cert_sn(&self) -> Option<&str> {
        self.certificates.as_ref().map(CertificateNumbers::alipay)
    }

    fn note_call(&mut self, call: &TradeCall) {
        let method = call.method();
        let nth = self.line.calls(method) + 1;
        let fault = self.line.planned(method, nth);
        let fault = fault.map_or_else(String::new, |fault| format!(" (fault: {fault})"));
        self.note(format!("{method} no. {nth}: {call}{fault}"));
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < NOTES {
            self.notes.push(note);
        }
    }
}

impl Service for Gateway {
    fn receive(&mut self, now: Instant, request: &RawRequest<'_>) -> Visit {
        self.next += 1;
        let visit = Visit(self.next);
        let under = self.enter(now, request);
        self.visits.insert(visit, under);
        visit
    }

    fn poll(&mut self, now: Instant, visit: Visit) -> Polled {
        let Some(under) = self.visits.remove(&visit) else { return Polled::Never };
        let ticket = match &under.stage {
            Stage::Refused { refusal, known } => {
                let written = Written::refusal(under.method, refusal, under.charset);
                let sign = known.then(|| self.signing.sign(written.node()));
                return Polled::Done(Outgoing::Whole(RawResponse {
                    status: 200,
                    content_type: under.charset.content_type(),
                    location: None,
                    body: written.body(self.alipay_cert_sn(), sign.as_deref()),
                }));
            }
            Stage::Sent(ticket) => *ticket,
        };
        match self.line.take(now, ticket) {
            Taken::Never => {
                self.note(format!("{} is never answered", name(under.method)));
                Polled::Never
            }
            Taken::Reply(reply) => {
                self.note(format!("{}: {reply}", name(under.method)));
                Polled::Done(self.deliver(&under, &reply))
            }
            Taken::Wait(until) => {
                self.visits.insert(visit, under);
                Polled::Wait(until)
            }
        }
    }

    fn leave(&mut self, visit: Visit) {
        if let Some(under) = self.visits.remove(&visit) {
            self.note(format!("{}: the client has gone before the answer", name(under.method)));
            if let Stage::Sent(ticket) = under.stage {
                self.line.forget(ticket);
            }
        }
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

fn name(method: Option<Method>) -> &'static str {
    method.map_or("a request", Method::word)
}

/// Whether the body can be read, if there is one.
fn is_form(request: &RawRequest<'_>) -> bool {
    let form = |text: &str| {
        let kind = text.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    };
    request.body.is_empty() || request.content_type.is_some_and(form)
}

/// How many notes wait for somebody to take them.
const NOTES: usize = 1024;
