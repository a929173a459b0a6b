//! The session's state machine, with a driver that does what it wants, or does not.

use std::io;
use std::time::{Duration, Instant};

use m26_pay::alipay::{Config, HumanVerify, SetConfig, Sign, SignData, SignMode};
use m26_pay::at::command::{Command, Deadline, Lines, Reply};
use m26_pay::at::line::{Frame, Line, LineSplitter, MIN_LIMIT};
use m26_pay::at::profile::Profile;
use m26_pay::at::result::FinalResult;
use m26_pay::at::syntax::View;
use m26_pay::engine::{
    Certainty, ContradictionReason, EarlierProgram, Event, ExchangeError, InputErrors, SubmitError,
};
use m26_pay::error::Error;
use m26_pay::flows::{self, Context, Input, Progress};
use m26_pay::m26::SetAccessPoint;
use m26_pay::session::{
    Backoff, Duty, HeldReports, HostRestart, Machine, MachineStep, Notice, Pass, Plan, Restart,
    ShutDown, Standing, State,
};

use super::answers;
use super::source::{MARKER, Source, assert_hidden, unfold};
use support::any::{self, PLAUSIBLE};
use support::{bench::epoch, commands, requests};

/// Whatever comes of what a session wants, and whatever happens beside it: nothing is sent without
/// a port, only those commands pass that the table in the session's documentation lets pass, every
/// command of a duty is answered once, no event shows a secret, and when all goes well the session
/// is ready, or says that it has given up.
///
/// The first seven bytes choose the plan and what a duty does; then come operations (see
/// `Drive::happen`).
pub fn session(data: &[u8]) {
    let mut source = Source::new(data);
    let profile = if source.flag() { Profile::luat() } else { Profile::quectel() };
    let plan = plan(&mut source);
    let now = epoch();
    let mut machine = Machine::new(now, plan);
    machine.attach(Box::new(Clerk { dice: source.byte(), asked: false }));
    let mut drive = Drive {
        machine,
        profile,
        now,
        epoch: 0,
        connected: false,
        wanted: MachineStep::Rest(None),
        entrusted: false,
        passes: Vec::new(),
        stored: None,
    };
    drive.advance(Input::Begin);
    let mut count = 0;
    while !source.is_empty() && count < OPS {
        drive.happen(&mut source);
        drive.settle();
        count += 1;
    }
    drive.recover();
}

fn plan(source: &mut Source<'_>) -> Plan {
    let flags = source.byte();
    let on = |bit: u8| flags & 1 << bit != 0;
    let (restart, times, verify) = (source.byte(), source.byte(), source.byte());
    let long = times & 0x80 != 0;
    Plan {
        config: on(0).then(|| config("1")),
        held_reports: if on(1) { HeldReports::Discard } else { HeldReports::Keep },
        human_verify: (verify < 0xf0).then(|| HumanVerify::from_bits_retain(u32::from(verify / 2))),
        access_point: on(2).then(|| SetAccessPoint::new("CMNET".parse().unwrap())),
        time_server: on(3).then(|| "ntp1.aliyun.com".parse().unwrap()),
        clock_bound: if long { Duration::MAX } else { Duration::from_secs(60) },
        synchronise_attempts: u32::from(times % 8),
        restart: [Restart::Never, Restart::Host, Restart::PowerOff, Restart::Reset]
            [usize::from(restart % 4)],
        restart_limit: u32::from(restart / 4 % 4),
        settle: Duration::from_secs(u64::from(restart / 16) * 20 + 1),
        earlier: if on(5) { EarlierProgram::Ended } else { EarlierProgram::Unknown },
        backoff: Backoff { seed: u64::from(times), ..Backoff::default() },
        keep_alive: on(4).then(|| Duration::from_secs(u64::from(source.byte()) + 1)),
    }
}

/// A configuration that another number would make another one.
fn config(number: &str) -> Config {
    commands::config([number, "2", "3", MARKER, "5"], 4).unwrap()
}

struct Drive {
    machine: Machine,
    profile: Profile,
    now: Instant,
    epoch: u64,
    connected: bool,
    /// What the last step asked for.
    wanted: MachineStep,
    /// Whether the command of a duty is under way.
    entrusted: bool,
    /// Commands of a caller that were let through.
    passes: Vec<Pass>,
    /// What the module holds as its configuration.
    stored: Option<Config>,
}

impl Drive {
    /// ```text
    /// 0..=5               what is wanted is done, first what a duty wants
    /// 6      kind         it fails in one way or another
    /// 7      length reply the module answers this
    /// 8..=9  kind         the engine tells of something
    /// 10                  the port is lost
    /// 11     command      a caller wants to send a command
    /// 12     which kind   what became of it
    /// 13     kind         the caller wants the session to do something
    /// 14     time         some seconds pass
    /// 15     length line  a line comes
    /// ```
    fn happen(&mut self, source: &mut Source<'_>) {
        match source.byte() % 16 {
            0..=5 => self.good(),
            6 => self.bad(source),
            7 => {
                let length = source.below(64);
                let reply = answers::reply(&mut Source::new(source.take(length)));
                self.reply(Ok(reply));
            }
            8 | 9 => {
                let event = event(source);
                if event == Event::Reset {
                    self.served(Err(ExchangeError::Interrupted(Certainty::Unknown)));
                }
                self.machine.observe(self.now, &event);
            }
            10 => {
                self.served(Err(ExchangeError::Disconnected(Certainty::Unknown)));
                self.connected = false;
                self.machine.disconnected();
            }
            11 => self.ask(source),
            12 => self.outcome(source),
            13 => self.want(source),
            14 => self.now += Duration::from_secs(u64::from(source.byte())),
            _ => {
                let length = source.below(32);
                let line = Line::new(unfold(source.take(length)));
                let events: [fn(Line) -> Event; 4] =
                    [Event::Late, Event::Malformed, Event::Stray, Event::Urc];
                self.machine.observe(self.now, &source.one(&events)(line));
            }
        }
    }

    fn unix_seconds(&self) -> Option<i64> {
        let seconds = [None, Some(0), Some(1_600_000_000), Some(i64::MAX), Some(i64::MIN)];
        seconds[self.epoch as usize % seconds.len()]
    }

    fn advance(&mut self, mut input: Input) {
        loop {
            let cx = Context { now: self.now, profile: &self.profile };
            self.wanted = self.machine.step(&cx, self.unix_seconds(), input);
            self.epoch = self.machine.epoch();
            self.listen();
            if !matches!(self.wanted, MachineStep::Entrust(_)) {
                break;
            }
            assert!(self.connected && self.machine.state() == State::Ready);
            assert!(!self.entrusted, "two commands of duties at a time");
            self.entrusted = true;
            input = Input::Begin;
        }
        match &self.wanted {
            MachineStep::Open => assert_eq!(self.machine.state(), State::Connecting),
            MachineStep::Restart => {
                assert!(matches!(self.machine.state(), State::Restarting { .. }))
            }
            MachineStep::Send(request) => {
                assert!(self.connected, "{request:?} is sent without a port");
                assert_hidden(&format!("{request:?}"));
            }
            MachineStep::Entrust(_) | MachineStep::Rest(_) => {}
        }
    }

    /// What the driver does after anything happened.
    fn settle(&mut self) {
        self.listen();
        if self.epoch != self.machine.epoch() {
            self.advance(Input::Begin);
        }
    }

    fn listen(&mut self) {
        while let Some(event) = self.machine.poll_event() {
            assert_hidden(&format!("{event:?}"));
        }
        let health = self.machine.health();
        assert_eq!(health.state, self.machine.state());
        assert_eq!(health.identified, self.machine.biz_tid().is_some());
        assert!(self.machine.state() != State::Ready || health.identified);
        assert_hidden(&format!("{:?} {:?}", health.last_error, self.machine));
    }

    /// Does what is wanted, as a good driver with a good module.
    fn good(&mut self) {
        if self.entrusted {
            return self.served(Ok(result("+ALIPAYREP: 0")));
        }
        match &self.wanted {
            MachineStep::Open => {
                self.connected = true;
                self.machine.opened(self.now, Ok(()));
                self.advance(Input::Begin);
            }
            MachineStep::Restart => {
                self.machine.was_restarted(Ok(HostRestart::Done));
                self.advance(Input::Begin);
            }
            MachineStep::Send(request) => {
                let line = String::from_utf8_lossy(request.line()).into_owned();
                let reply = self.answer(&line);
                self.reply(Ok(reply));
            }
            MachineStep::Rest(Some(at)) => {
                self.now = self.now.max(*at);
                self.advance(Input::Resume);
            }
            MachineStep::Entrust(_) | MachineStep::Rest(None) => {}
        }
    }

    fn bad(&mut self, source: &mut Source<'_>) {
        if self.entrusted {
            let lines = ["+ALIPAYREP: 2", "+ALIPAYREP: 6", "+ALIPAYREP: x"];
            let outcome =
                if source.flag() { Err(failure(source)) } else { Ok(result(source.one(&lines))) };
            return self.served(outcome);
        }
        let io = || Error::Io { doing: "opening".to_string(), source: io::Error::other("gone") };
        match &self.wanted {
            MachineStep::Open => {
                self.machine.opened(self.now, Err(&io()));
                self.advance(Input::Begin);
            }
            MachineStep::Restart => {
                let error = io();
                let outcome =
                    if source.flag() { Ok(HostRestart::NotPossible) } else { Err(&error) };
                self.machine.was_restarted(outcome);
                self.advance(Input::Begin);
            }
            MachineStep::Send(_) => {
                let failure = failure(source);
                self.reply(Err(failure));
            }
            MachineStep::Entrust(_) | MachineStep::Rest(_) => {}
        }
    }

    /// The command of a duty has ended, if one is under way.
    fn served(&mut self, outcome: Result<Reply, ExchangeError>) {
        if std::mem::take(&mut self.entrusted) {
            let (cx, unix_seconds) =
                (Context { now: self.now, profile: &self.profile }, self.unix_seconds());
            self.machine.entrusted(&cx, unix_seconds, outcome);
        }
    }

    fn reply(&mut self, reply: Result<Reply, ExchangeError>) {
        if matches!(self.wanted, MachineStep::Send(_)) {
            self.advance(Input::Reply(reply));
        }
    }

    /// What a good module answers.
    fn answer(&mut self, line: &str) -> Reply {
        let is = |config: &&Config| {
            let set = SetConfig(Config::clone(config)).request(&self.profile);
            set.is_ok_and(|request| request.line() == line.as_bytes())
        };
        if let Some(config) = [config("1"), config("9")].iter().find(is) {
            self.stored = Some(config.clone());
        }
        if line == "AT+ALIPAYCFG?\r" {
            return stored(self.stored.as_ref());
        }
        reply(&any::answer(line))
    }

    /// A caller's command passes if and only if the table says so.
    fn ask(&mut self, source: &mut Source<'_>) {
        let (line, kind) = source.one(COMMANDS);
        let state = self.machine.state();
        let open = state.is_open();
        let may = match kind {
            Kind::Module => open || self.connected && matches!(state, State::Failed | State::Shut),
            Kind::Ask | Kind::Report => open,
            Kind::Identified => state == State::Ready,
            Kind::Power => self.connected && state == State::Shut,
            Kind::Own => false,
        };
        let mut request = requests::bare(line);
        let settled = self.machine.is_settled(&request);
        // A ready session that looks whether it is still so lets pass who does not wait.
        assert!(settled || !may || state == State::Ready);
        let passed = self.machine.permit(self.now, &mut request);
        assert_eq!(passed.is_ok(), may, "{line} in state {state}");
        match passed {
            // A driver has room for so many commands that have not ended.
            Ok(pass) if self.passes.len() < 8 => self.passes.push(pass),
            Ok(pass) => self.machine.abandoned(&pass, Some(Certainty::Unknown)),
            Err(refusal) => {
                let error = Error::from(refusal);
                assert_hidden(&format!("{error} {error:?}"));
            }
        }
    }

    fn outcome(&mut self, source: &mut Source<'_>) {
        if self.passes.is_empty() {
            return;
        }
        let pass = self.passes.swap_remove(source.below(self.passes.len()));
        let outcome = match source.byte() % 8 {
            0 => return self.machine.abandoned(&pass, Some(Certainty::Unknown)),
            1 => Ok(result("+ALIPAYREP: 0")),
            2 => Ok(result("+ALIPAYREP: 2")),
            3 => Ok(result("+ALIPAYSIGN: 2")),
            4 => Ok(Reply { lines: Lines::NONE, result: None, final_result: None }),
            _ => Err(failure(source)),
        };
        if source.flag() {
            let sign = Sign::new(SignMode::PayerCode, SignData::new(MARKER).unwrap());
            let answer = self.machine.answered(self.now, pass, &sign, outcome);
            assert_hidden(&format!("{answer:?}"));
        } else {
            self.machine.ended(self.now, pass, &outcome);
        }
    }

    fn want(&mut self, source: &mut Source<'_>) {
        match source.byte() % 8 {
            0 => self.machine.shut_down(ShutDown::CloseSdk),
            1 => self.machine.shut_down(ShutDown::PowerOff),
            2 => drop(self.machine.take_shut_down()),
            3 => self.machine.resume(),
            4 => self.machine.nudge(),
            7 if source.flag() => self.machine.hold_duties(),
            7 => self.machine.release_duties(),
            kind => {
                let number = source.one(&["1", "9"]);
                let held = self.machine.health().may_hold_reports;
                let changes = self.machine.plan().config != Some(config(number));
                let discard = kind == 5;
                let reports = if discard { HeldReports::Discard } else { HeldReports::Keep };
                let outcome = self.machine.reconfigure(config(number), reports);
                assert!(outcome.is_err() || discard || !held || !changes);
            }
        }
    }

    /// All goes well from now on.
    fn recover(&mut self) {
        for _ in 0..RECOVERY {
            let rests = matches!(self.wanted, MachineStep::Rest(_));
            match self.machine.state() {
                State::Ready if rests => return,
                State::Failed | State::Shut => return assert!(rests),
                _ => self.good(),
            }
            self.settle();
        }
        panic!("not ready after all went well: {:?}", self.machine.state());
    }
}

/// A duty that does one thing or another, and holds the session to its word.
#[derive(Debug)]
struct Clerk {
    dice: u8,
    asked: bool,
}

impl Duty for Clerk {
    fn notice(&mut self, _: Instant, _: Notice) {}

    fn step(
        &mut self,
        cx: &Context<'_>,
        standing: Standing,
        input: Input,
    ) -> flows::Step<Option<Instant>> {
        assert_eq!(self.asked, matches!(input, Input::Reply(_)), "one reply to each command");
        self.asked = false;
        if standing.state != State::Ready {
            return flows::Step::Done(None);
        }
        self.dice = self.dice.wrapping_mul(141).wrapping_add(67);
        match self.dice >> 5 {
            0..=2 => {
                self.asked = true;
                flows::Step::Send(requests::bare("AT+ALIPAYREP=,,1,,6,1"))
            }
            3 => {
                self.asked = true;
                flows::Step::Send(requests::bare("AT+ALIPAYSHUT"))
            }
            4 => flows::Step::Wait(Duration::from_secs(self.dice.into())),
            5 => {
                let detail = "one of many".to_string();
                flows::Step::Report(Progress { step: "clerk", detail, remaining: None })
            }
            6 => flows::Step::Done(cx.now.checked_add(Duration::from_secs(30))),
            _ => flows::Step::Done(None),
        }
    }
}

/// What the commands of a caller are to a session.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Module,
    Ask,
    Report,
    /// What needs a bizTid.
    Identified,
    Power,
    /// What the session does itself.
    Own,
}

const COMMANDS: &[(&str, Kind)] = &[
    ("AT+CSQ", Kind::Module),
    ("AT+CFUN?", Kind::Module),
    ("AT+ALIPAYREP?", Kind::Ask),
    ("AT+ALIPAYSIGN=?", Kind::Ask),
    ("AT+CSQ;+ALIPAYCFG?", Kind::Ask),
    ("AT+ALIPAYREP=,,1,,6,1", Kind::Report),
    ("AT+ALIPAYDID", Kind::Identified),
    ("AT+ALIPAYACT=1,2", Kind::Identified),
    ("AT+ALIPAYPINFO=1", Kind::Identified),
    ("AT+QPOWD=1", Kind::Power),
    ("AT+CFUN=1,1", Kind::Power),
    ("AT+ALIPAYOPEN", Kind::Own),
    ("AT+ALIPAYSHUT", Kind::Own),
    ("AT+ALIPAYCFG=1", Kind::Own),
    ("AT+ALIPAYSIGN=1,\"1\"", Kind::Identified),
    ("AT+CSQ;+ALIPAYSHUT", Kind::Own),
    ("ATE0+ALIPAYOPEN", Kind::Own),
];

fn event(source: &mut Source<'_>) -> Event {
    match source.byte() % 8 {
        0 | 1 => Event::Reset,
        2 => Event::Silent,
        3 => Event::InputErrors(InputErrors { overrun: 1, ..InputErrors::default() }),
        4 => Event::Missed(u64::from(source.byte())),
        5 => Event::Late(Line::new(source.one(PLAUSIBLE).trim())),
        6 => Event::Stray(Line::new(source.one(PLAUSIBLE).trim())),
        _ => Event::Urc(Line::new(source.one(PLAUSIBLE).trim())),
    }
}

fn failure(source: &mut Source<'_>) -> ExchangeError {
    let deadline = Deadline::millis("answer", 1);
    match source.byte() % 12 {
        0 => ExchangeError::Busy(SubmitError::Queue { waiting: 64 }),
        1 => {
            ExchangeError::Busy(SubmitError::Outstanding { prefix: "+ALIPAYDID", same_line: false })
        }
        2 => ExchangeError::Contradicted(ContradictionReason::MissingAnswer { expected: "+CMEE" }),
        3 => ExchangeError::Contradicted(ContradictionReason::Miscounted(Line::new(MARKER))),
        4 => ExchangeError::Disconnected(Certainty::NotSent),
        5 => ExchangeError::Interrupted(Certainty::Unknown),
        6 => ExchangeError::Refused(FinalResult::Error),
        7 => {
            let error = format!("+CME ERROR: {}", source.byte());
            match View::of(error.as_bytes()) {
                View::Final(result) => ExchangeError::Refused(result.into_owned()),
                _ => ExchangeError::Silent,
            }
        }
        8 => ExchangeError::Silent,
        9 => ExchangeError::TimedOut { deadline, certainty: Certainty::NotSent },
        10 => ExchangeError::TimedOut { deadline, certainty: Certainty::Unknown },
        _ => ExchangeError::Disconnected(Certainty::Unknown),
    }
}

/// A reply with a result line.
fn result(line: &'static str) -> Reply {
    Reply { lines: Lines::NONE, result: Some(Line::new(line)), final_result: Some(FinalResult::Ok) }
}

/// The reply that an engine makes of what a module answers.
fn reply(bytes: &[u8]) -> Reply {
    let mut splitter = LineSplitter::new(MIN_LIMIT, Profile::quectel().counted);
    let mut reply = Reply { lines: Lines::NONE, result: None, final_result: None };
    let mut rest = bytes;
    // The first line is the echo.
    splitter.next(&mut rest);
    while let Some(Frame::Line(line)) = splitter.next(&mut rest) {
        match (line, &reply.final_result) {
            (b"OK", _) => reply.final_result = Some(FinalResult::Ok),
            (line, None) => reply.lines.push(Line::new(line)),
            (line, Some(_)) => reply.result = Some(Line::new(line)),
        }
    }
    reply
}

fn stored(config: Option<&Config>) -> Reply {
    let values = config.map_or([""; 5], |config| {
        [
            config.device_supplier_no.as_str(),
            config.merchant_user_id.as_str(),
            config.item_id.as_str(),
            config.product_key.expose(),
            config.terminal_id.as_str(),
        ]
    });
    let keys = ["device_supplier_no", "merchant_user_id", "item_id", "product_key", "terminal_id"];
    let entries = keys.iter().zip(values).map(|(key, value)| format!("\"{key}\": \"{value}\""));
    let mut lines = vec![Line::new("+ALIPAYCFG:"), Line::new("\"env\": 4")];
    lines.extend(entries.map(Line::new));
    Reply { lines: lines.into(), result: None, final_result: Some(FinalResult::Ok) }
}

/// Not more than what a run of the target takes a moment for.
const OPS: usize = 400;

/// More steps than any way to ready has.
const RECOVERY: usize = 300;
