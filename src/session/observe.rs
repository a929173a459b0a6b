//! Events of the engine and outcomes of commands, and how they change a session.

use std::time::Instant;

use crate::alipay::sign::MADE_BEFORE;
use crate::alipay::{BizTid, ReportStatus};
use crate::at::command::{Command, DecodeError, KnownDevice, Reply};
use crate::at::line::Line;
use crate::at::result::FinalResult;
use crate::at::syntax::View;
use crate::engine::{self, Certainty, ContradictionReason, ExchangeError, SubmitError};
use crate::error::{Error, ErrorKind};
use crate::session::core::Core;
use crate::session::sdk::SIGNATURE;
use crate::session::{Notice, Pass, SessionEvent, State, WHOLE_CALL};
use crate::urc::Urc;

impl Core {
    /// Takes note of an event of the engine, and passes it on.
    pub(super) fn observe(&mut self, event: &engine::Event) {
        self.heard = self.now;
        let registered = self.health.is_registered();
        self.health.count(event);
        self.registered(registered);
        self.tell(SessionEvent::Module(event.clone()));
        match event {
            engine::Event::Reset => {
                self.booted();
                match self.state {
                    State::Restarting { .. } => {
                        self.go(State::Synchronising, "the module restarts");
                    }
                    State::BringingUp
                    | State::Configuring
                    | State::Failed
                    | State::Identifying
                    | State::Opening
                    | State::Ready => self.go(State::Synchronising, "the module was restarted"),
                    _ => {}
                }
            }
            engine::Event::Silent => match self.state {
                State::BringingUp
                | State::Configuring
                | State::Identifying
                | State::Opening
                | State::Ready => self.go(State::Synchronising, "the module fell silent"),
                _ => {}
            },
            // Under noise the module is asked once and not with each byte, or it would never come to
            // answer.
            engine::Event::InputErrors(_) if self.state == State::Ready => self.doubt_once(),
            engine::Event::Missed(_) | engine::Event::InputErrors(_) if self.state.is_open() => {
                self.go(
                    State::Synchronising,
                    "lines of the module were lost, and a restart may be among them",
                );
            }
            engine::Event::Late(line) | engine::Event::Stray(line) => {
                if is_signature(line) && self.sdk.asked_after.is_some() && self.sdk.signs() {
                    self.sdk.early_signatures += 1;
                }
                self.came(line, matches!(event, engine::Event::Late(_)));
            }
            engine::Event::Urc(line) if is_signature(line) => self.came(line, false),
            // A start before the session has called the module: nothing of before will be answered.
            engine::Event::Urc(line) if self.state == State::Synchronising => {
                let urc = Urc::parse(line.as_bytes());
                self.sdk.known |= urc == Urc::Ready;
            }
            engine::Event::Urc(line) if self.state.is_open() => {
                let urc = Urc::parse(line.as_bytes());
                let off = matches!(
                    urc,
                    Urc::NormalPowerDown | Urc::OverVoltagePowerDown | Urc::UnderVoltagePowerDown
                );
                if off {
                    self.notice(Notice::Restarted);
                    self.go(State::Synchronising, format!("the module says {}", urc.name()));
                } else if matches!(urc, Urc::Ready | Urc::CallReady | Urc::Sim(_)) {
                    // The module may have booted, though the engine knew of it already or its first
                    // lines were lost: the module is asked.
                    self.doubt = true;
                    self.turn();
                }
            }
            _ => {}
        }
    }

    /// A restart may be among what was lost, so the module is asked.
    fn doubt_once(&mut self) {
        if !self.doubt {
            self.doubt = true;
            self.turn();
        }
    }

    /// A result came that nobody waits for: one that the engine has `missed`, or another.
    fn came(&mut self, line: &Line, missed: bool) {
        let was = self.sdk.signature.is_some();
        let now = self.now;
        self.sdk.came(now, missed, |prefix| line.view().args_of(prefix).is_some());
        if was && self.sdk.signature.is_none() && self.state == State::Identifying {
            // The session does not have to wait any longer.
            self.turn();
        }
    }

    /// Takes note of the outcome of a command, and gives the answer for its caller.
    pub(super) fn answered<C: Command>(
        &mut self,
        now: Instant,
        pass: &Pass,
        command: &C,
        outcome: Result<Reply, ExchangeError>,
    ) -> Result<C::Response, Error> {
        self.note(now, pass, &outcome);
        let device = pass.biz_tid.as_ref().map(BizTid::as_str);
        let device = device.map_or(KnownDevice::default(), |id| KnownDevice::default().id(id));
        let device = KnownDevice { asked_after: pass.asked_after, ..device };
        let answer = command.decode_from(&outcome?, device).map_err(Error::from);
        if answer.is_ok() && pass.demand.signs() {
            (self.sdk.lost_signatures, self.sdk.early_signatures) = (0, 0);
        }
        answer.inspect_err(|error| self.note_error(pass, error))
    }

    /// The caller of a command has left, and nobody will know its outcome. `certainty` is what is
    /// known of the command; `None` if it had ended.
    pub(super) fn abandoned(&mut self, pass: &Pass, certainty: Option<Certainty>) {
        self.health.counters.commands += 1;
        self.sdk.landed(&pass.demand);
        if certainty != Some(Certainty::NotSent) {
            self.sdk.empty &= !pass.demand.reports();
        }
        if certainty == Some(Certainty::Unknown) {
            self.miss(pass, self.now);
        }
    }

    /// Takes note of the outcome of a command.
    pub(super) fn note(
        &mut self,
        now: Instant,
        pass: &Pass,
        outcome: &Result<Reply, ExchangeError>,
    ) {
        self.now = now;
        self.health.counters.commands += 1;
        self.sdk.landed(&pass.demand);
        if pass.demand.reports() {
            // It is held unless the module said that it is not.
            let not_held = match outcome {
                Ok(reply) => status(reply).is_some_and(|status| !matches!(status, 0 | 7)),
                Err(failure) => failure.certainty() != Certainty::Unknown,
            };
            self.sdk.empty &= not_held;
        }
        match outcome {
            Ok(_) => {
                self.heard = now;
                // It was sent, so no result of its kind is outstanding that would block it.
                self.sdk
                    .still_blocks(|prefix| pass.demand.results().all(|result| result != prefix));
            }
            Err(failure) => {
                let reset = matches!(failure, ExchangeError::Interrupted(_));
                if failure.certainty() == Certainty::Unknown && !reset && !has_come(pass, failure) {
                    // A refusal that may be an earlier one's may also be that of a closed SDK.
                    let undated = matches!(
                        failure,
                        ExchangeError::Contradicted(ContradictionReason::Undated(_))
                    );
                    let lost = pass.demand.signs() && (undated || had_its_time(pass, failure));
                    self.sdk.lost_signatures += u32::from(lost);
                    // The engine that knew of it is gone, and the next one does not know how long
                    // the result may take.
                    let gone = matches!(failure, ExchangeError::Disconnected(_));
                    self.miss(pass, if gone { pass.due } else { now });
                }
                self.health.counters.failures += 1;
                self.health.last_error = Some(failure.to_string());
            }
        }
        // An outcome of an earlier boot says nothing of this one.
        if pass.era != self.era || !self.state.is_open() {
            return;
        }
        match outcome {
            // The engine knows of an outstanding signature and the session does not: the module's
            // clock will tell it from the next one.
            Err(ExchangeError::Busy(SubmitError::Outstanding { prefix: SIGNATURE, .. }))
                if self.state == State::Ready =>
            {
                self.sdk.signature = Some(now);
                self.go(State::Identifying, EARLIER_IS_DUE);
            }
            Ok(reply)
                if pass.demand.is_alipay()
                    && status(reply) == Some(ReportStatus::NOT_INITIALISED.0)
                    && !is_sign(reply) =>
            {
                self.sdk.suspect = true;
                self.go(State::Synchronising, "the SDK says that it is not initialised");
            }
            // The SDK may have been closed by a restart that nobody saw.
            Ok(reply) if is_sign(reply) && status(reply).is_some_and(may_be_closed) => {
                (self.doubt, self.sdk_doubt) = (true, true);
                self.turn();
            }
            Err(ExchangeError::Contradicted(ContradictionReason::Undated(line)))
                if says_not_initialised(line) =>
            {
                self.sdk.suspect = true;
                self.go(State::Synchronising, "the SDK may have said that it is not initialised");
            }
            // Error codes were switched on: a bare ERROR looks like a module with its defaults.
            Err(ExchangeError::Refused(FinalResult::Error)) => {
                self.doubt = true;
                self.turn();
            }
            Err(ExchangeError::Silent) => {
                self.go(State::Synchronising, "the module does not answer");
            }
            _ => {}
        }
    }

    /// Takes note of the code in the answer to a command of a duty. The duty reads the answer itself.
    pub(super) fn note_code(&mut self, pass: &Pass, outcome: &Result<Reply, ExchangeError>) {
        let code = outcome.as_ref().ok().and_then(status);
        if let Some(code) = code.filter(|code| !matches!(code, 0 | 7)) {
            let name = pass.demand.results().next().unwrap_or_default();
            self.health.counters.failures += 1;
            self.health.last_error = Some(format!("AT{name} of a duty answered {code}"));
        }
    }

    /// The reply to a command could not be read, or says that the command failed.
    fn note_error(&mut self, pass: &Pass, error: &Error) {
        self.health.counters.failures += 1;
        self.health.last_error = Some(error.to_string());
        if is_of_before(error) {
            // Its own signature is still outstanding, and the engine believes that it has come.
            self.sdk.early_signatures += 1;
            self.miss(pass, pass.due);
        } else if error.kind() == ErrorKind::Mismatch && self.state == State::Ready {
            // The bizTid may have been damaged on the line when it was asked for.
            self.sdk.biz_tid = None;
            self.go(State::Identifying, error.to_string());
        }
    }

    /// The result of a command may still come. The session acts when that takes too long.
    fn miss(&mut self, pass: &Pass, until: Instant) {
        self.sdk.miss(&pass.demand, &pass.request, until);
        if self.state != State::Ready {
            return;
        }
        if pass.demand.signs() {
            return self.go(State::Identifying, EARLIER_IS_DUE);
        }
        if !self.sdk.blocking.is_empty() {
            self.turn();
        }
    }
}

const EARLIER_IS_DUE: &str = "a signature is outstanding, and could be taken for the next one";

/// The first number of a reply's result line. A reply without such a line is a success: the engine
/// ends a command so only if the profile allows it.
fn status(reply: &Reply) -> Option<i32> {
    let Some(line) = &reply.result else { return Some(0) };
    match line.view() {
        View::Prefixed { args, .. } => {
            let first = args.split(|byte| *byte == b',').next()?;
            std::str::from_utf8(first).ok()?.trim().parse().ok()
        }
        _ => None,
    }
}

/// Whether a result says so, of whatever command but a signature.
fn says_not_initialised(line: &Line) -> bool {
    let code = ReportStatus::NOT_INITIALISED.0.to_string();
    let says = |args: &[u8]| args.trim_ascii() == code.as_bytes();
    matches!(line.view(), View::Prefixed { args, .. } if says(args)) && !is_signature(line)
}

fn is_signature(line: &Line) -> bool {
    line.view().args_of("+ALIPAYSIGN").is_some()
}

/// Whether the signature is the answer to an earlier request.
fn is_of_before(error: &Error) -> bool {
    matches!(error, Error::Decode(DecodeError::Mismatch { reason }) if *reason == MADE_BEFORE)
}

/// Whether the result came, though it could not be read. If an earlier one is outstanding, it may have
/// been that one.
fn has_come(pass: &Pass, failure: &ExchangeError) -> bool {
    pass.request.made_after().is_none()
        && matches!(
            failure,
            ExchangeError::Contradicted(ContradictionReason::Miscounted(line)) if is_signature(line)
        )
}

/// Whether the deadline of the result itself passed, and not a shorter one of the caller.
fn had_its_time(pass: &Pass, failure: &ExchangeError) -> bool {
    matches!(
        failure,
        ExchangeError::TimedOut { deadline, .. }
            if deadline.name != WHOLE_CALL && deadline.after >= pass.result_within
    )
}

/// Whether a closed SDK may answer AT+ALIPAYSIGN with this code: any but those of a success and of a
/// wrong parameter. Spec V1.0, 3.6, names no code for it.
fn may_be_closed(code: i32) -> bool {
    !matches!(code, 0 | 1)
}

/// A 2 of AT+ALIPAYSIGN is an IO error (spec V1.0, 3.6).
fn is_sign(reply: &Reply) -> bool {
    reply.result.as_ref().is_some_and(|line| line.view().args_of("+ALIPAYSIGN").is_some())
}
