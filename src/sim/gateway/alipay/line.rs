//! The line between a client and Alipay, where requests and answers get lost.

use std::fmt;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::{
    Alipay, AlipaySettings, Fate, Fault, Method, Planned, ReplyKind, TradeAnswer, TradeCall,
};

/// Alipay behind a line with faults.
///
/// Each call goes out with a [`Fate`]: that of the fault planned for it, or the one it was given.
/// A client waits for its answer with [`take`](AlipayLine::take); it may stop waiting, and the call
/// still arrives.
///
/// ```
/// use std::time::Duration;
///
/// use m26_pay::sim::gateway::Fen;
/// use m26_pay::sim::gateway::alipay::{
///     AlipayLine, AlipaySettings, CodeId, PayCall, Taken, TradeCall,
/// };
/// # use std::time::Instant;
/// # #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
/// # fn epoch() -> Instant { Instant::now() }
///
/// let mut line = AlipayLine::new(AlipaySettings::default(), 0);
/// line.plan("late".parse()?);
/// let now = epoch();
/// let pay = TradeCall::Pay(PayCall::new("T1-0001", Fen(1025), CodeId(1)));
/// let ticket = line.send(now, pay);
/// let Taken::Wait(until) = line.take(now, ticket) else { panic!("it is late") };
/// assert_eq!(until, now + Duration::from_secs(15));
/// assert!(matches!(line.take(until, ticket), Taken::Reply(_)));
/// # Ok::<(), m26_pay::sim::gateway::alipay::FaultError>(())
/// ```
#[derive(Debug)]
pub struct AlipayLine {
    alipay: Alipay,
    rng: Rng,
    plan: Vec<Planned>,
    /// How many calls of each method there were, in the order of [`Method::ALL`].
    calls: [u64; Method::ALL.len()],
    tickets: u64,
    /// Calls that have not taken effect yet.
    flights: Vec<Flight>,
    /// Answers that nobody has taken yet.
    replies: Vec<Waiting>,
}

/// A call that was sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LineTicket(u64);

/// What a client has heard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineReply {
    /// In which form.
    pub said: ReplyKind,
    /// The answer in it, if there is one: what [`ReplyKind`] makes unreadable is not heard.
    pub answer: Option<TradeAnswer>,
}

/// What was heard, for a person.
impl fmt::Display for LineReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Some(answer) => write!(f, "{answer}{}", self.said),
            None => write!(f, "no answer of Alipay's{}", self.said),
        }
    }
}

/// Whether the answer is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Taken {
    /// It will never come, or was taken before.
    Never,
    /// Here it is.
    Reply(LineReply),
    /// Not before this time.
    Wait(Instant),
}

#[derive(Debug)]
struct Flight {
    ticket: LineTicket,
    call: TradeCall,
    fate: Fate,
    due: Instant,
    begun: bool,
}

#[derive(Debug)]
struct Waiting {
    ticket: LineTicket,
    at: Instant,
    reply: LineReply,
}

impl AlipayLine {
    /// A line to a new Alipay, without a fault. The same seed and the same calls give the same
    /// answers.
    pub fn new(settings: AlipaySettings, seed: u64) -> Self {
        Self {
            alipay: Alipay::new(settings),
            rng: Rng::with_seed(seed),
            plan: Vec::new(),
            calls: [0; Method::ALL.len()],
            tickets: 0,
            flights: Vec::new(),
            replies: Vec::new(),
        }
    }

    /// Plans a fault for a call to come.
    pub fn plan(&mut self, planned: Planned) {
        self.plan.push(planned);
    }

    /// What is at the far end, as it is when the latest call brought it there.
    pub fn alipay_mut(&mut self) -> &mut Alipay {
        &mut self.alipay
    }

    /// How many calls of a method were sent.
    pub fn calls(&self, method: Method) -> u64 {
        self.calls[method as usize]
    }

    /// The fault that is planned for a call to come.
    pub fn planned(&self, method: Method, nth: u64) -> Option<Fault> {
        let planned = self.plan.iter().find(|p| p.method == method && p.nth == nth);
        planned.map(|planned| planned.fault)
    }

    /// Sends a call; the fault that is planned for it strikes.
    pub fn send(&mut self, now: Instant, call: TradeCall) -> LineTicket {
        let method = call.method();
        let nth = self.calls(method) + 1;
        let planned = self.plan.iter().position(|p| p.method == method && p.nth == nth);
        let fate = match planned {
            Some(index) => self.plan.remove(index).fault.fate(&mut self.rng),
            None => Fate::default(),
        };
        self.send_with(now, call, fate)
    }

    /// Sends a call to this fate, whatever is planned.
    pub fn send_with(&mut self, now: Instant, call: TradeCall, fate: Fate) -> LineTicket {
        self.advance(now);
        self.calls[call.method() as usize] += 1;
        self.tickets += 1;
        let ticket = LineTicket(self.tickets);
        if let Some(due) = fate.arrives.and_then(|way| now.checked_add(way)) {
            self.flights.push(Flight { ticket, call, fate, due, begun: false });
            self.advance(now);
        }
        ticket
    }

    /// What has come of a call by now.
    pub fn take(&mut self, now: Instant, ticket: LineTicket) -> Taken {
        self.advance(now);
        if let Some(index) = self.replies.iter().position(|reply| reply.ticket == ticket) {
            let at = self.replies[index].at;
            if at > now {
                return Taken::Wait(at);
            }
            return Taken::Reply(self.replies.swap_remove(index).reply);
        }
        let flight = self.flights.iter().find(|flight| flight.ticket == ticket);
        match flight.filter(|flight| flight.fate.returns.is_some()) {
            Some(flight) if !flight.begun || flight.fate.said.tells_result() => {
                Taken::Wait(flight.due)
            }
            _ => Taken::Never,
        }
    }

    /// The client does not wait any more; what it sent still arrives.
    pub fn forget(&mut self, ticket: LineTicket) {
        self.replies.retain(|reply| reply.ticket != ticket);
        for flight in &mut self.flights {
            if flight.ticket == ticket {
                flight.fate.returns = None;
            }
        }
    }

    /// When a call arrives or takes effect next, if one is under way.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.flights.iter().map(|flight| flight.due).min()
    }

    /// Lets everything that is under way arrive, and every customer come to an end. Gives the time
    /// at which that is so: at most 16 days after the last call has arrived.
    pub fn run_out(&mut self, now: Instant) -> Instant {
        let mut end = now;
        while let Some(due) = self.next_deadline() {
            end = end.max(due);
            self.advance(end);
        }
        // The longest `timeout_express` is 15 days, and a QR code lives for two hours.
        let end = end + Duration::from_secs(16 * 24 * 3600);
        self.advance(end);
        end
    }

    /// Lets what is due by now happen, in order.
    fn advance(&mut self, now: Instant) {
        loop {
            let due = self.flights.iter().enumerate().filter(|(_, flight)| flight.due <= now);
            // Of two at one moment the one that was sent first.
            let Some((index, _)) = due.min_by_key(|(_, flight)| (flight.due, flight.ticket.0))
            else {
                return;
            };
            let mut flight = self.flights.swap_remove(index);
            let Fate { done, works, said, .. } = flight.fate;
            let answer = if flight.begun {
                self.alipay.finish(flight.due, &flight.call)
            } else {
                flight.begun = true;
                if !said.tells_result() {
                    self.reply(&flight, None);
                }
                if !done && !said.tells_result() {
                    continue;
                }
                if !works.is_zero() {
                    self.alipay.begin(flight.due, &flight.call);
                    flight.due += works;
                    self.flights.push(flight);
                    continue;
                }
                self.alipay.handle(flight.due, &flight.call)
            };
            if said.tells_result() {
                self.reply(&flight, Some(answer));
            }
        }
    }

    /// Sends the answer back, if it is not to be lost.
    fn reply(&mut self, flight: &Flight, answer: Option<TradeAnswer>) {
        let Some(at) = flight.fate.returns.and_then(|way| flight.due.checked_add(way)) else {
            return;
        };
        let said = flight.fate.said;
        let answer = match said {
            ReplyKind::Instead(code, sub_code) => Some(TradeAnswer::Refused { code, sub_code }),
            ReplyKind::WrongAmount => answer.map(TradeAnswer::with_another_amount),
            _ => answer,
        };
        if self.replies.len() >= UNTAKEN {
            self.replies.remove(0);
        }
        self.replies.push(Waiting { ticket: flight.ticket, at, reply: LineReply { said, answer } });
    }
}

/// How many answers wait for clients that never ask for them.
const UNTAKEN: usize = 4096;
