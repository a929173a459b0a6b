//! From a module that has just been switched on to one that is in the network.

use crate::engine::Failure;
use crate::error::Error;
use crate::flows::until::{Until, Verdict};
use crate::flows::{self, Context, Flow, Input, Progress, Step};
use crate::m26::{
    BaudRate, ClockCheck, ClockTime, HostClock, Identity, NtpServer, ReadBaudRate, ReadClock,
    ReadIdentity, ReadRegistration, ReadSignal, ReadSim, Registration, RegistrationStatus,
    SelectContext, SetAccessPoint, Signal, SimState,
};

use crate::flows::{SyncClock, Synchronise};

/// Brings the module up: finds it, waits for its SIM, a signal and both registrations, sets the
/// context for packet data and, if a time server is named, the clock. In the end it says whether
/// the module finds its rate by itself, and how its clock and the host's agree.
///
/// The order and the number of attempts are those of RT-Thread's driver of the M26; then the
/// spec's chapter 4.
///
/// ```
/// use m26_pay::flows::BringUp;
/// use m26_pay::m26::SetAccessPoint;
///
/// let bring_up = BringUp::default() // for the `run` of a client
///     .access_point(SetAccessPoint::new("CMNET".parse()?))
///     .time_server("ntp1.aliyun.com".parse()?);
/// # Ok::<(), m26_pay::argument::InvalidArgument>(())
/// ```
#[derive(Debug)]
pub struct BringUp {
    access_point: Option<SetAccessPoint>,
    time_server: Option<NtpServer>,
    host_clock: Option<HostClock>,
    stage: Stage,
    found: BroughtUp,
}

/// What was found on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtUp {
    /// What the module is.
    pub identity: Identity,
    /// The strength of the signal.
    pub signal: Signal,
    /// The registration in the network.
    pub gsm: Registration,
    /// The registration for packet data.
    pub gprs: Registration,
    /// What the module's clock shows, after it was set if a time server was named.
    pub clock: Option<ClockTime>,
    /// How that and the host's clock agree, if the host's was given.
    pub clock_check: Option<ClockCheck>,
    /// The rate of the module's port, if it tells. [`BaudRate::AUTOMATIC`] is a module that finds
    /// it by itself: its restarts may go unseen, which
    /// [`SetBaudRate`](crate::m26::SetBaudRate) and
    /// [`SaveProfile`](crate::m26::SaveProfile) would mend. It is said, and left to the
    /// caller: a host with another rate would not find the module any more.
    pub rate: Option<BaudRate>,
}

impl BroughtUp {
    /// Whether the module finds the rate by itself, so that its restarts may go unseen.
    #[must_use]
    pub fn autobauds(&self) -> bool {
        self.rate == Some(BaudRate::AUTOMATIC)
    }
}

#[derive(Debug)]
enum Stage {
    Synchronise(Synchronise),
    Identity(Until<ReadIdentity>),
    Sim(Until<ReadSim>),
    Signal(Until<ReadSignal>),
    Gsm(Until<ReadRegistration>),
    Gprs(Until<ReadRegistration>),
    Context(Until<SelectContext>),
    AccessPoint(Until<SetAccessPoint>),
    Time(SyncClock),
    Clock(Until<ReadClock>),
    Rate,
    /// What there is to say about the rate was reported.
    Told,
}

impl Default for BringUp {
    fn default() -> Self {
        Self {
            access_point: None,
            time_server: None,
            host_clock: None,
            stage: Stage::Synchronise(Synchronise::default()),
            found: BroughtUp {
                identity: Identity::default(),
                signal: Signal::UNKNOWN,
                gsm: Registration::UNKNOWN,
                gprs: Registration::UNKNOWN,
                clock: None,
                clock_check: None,
                rate: None,
            },
        }
    }
}

impl BringUp {
    /// The access point for packet data. Without it, the module's own setting stays.
    #[must_use]
    pub fn access_point(self, access_point: SetAccessPoint) -> Self {
        Self { access_point: Some(access_point), ..self }
    }

    /// The server that the clock is set from. Without it, the clock is only read.
    #[must_use]
    pub fn time_server(self, time_server: NtpServer) -> Self {
        Self { time_server: Some(time_server), ..self }
    }

    /// How the module is found.
    #[must_use]
    pub fn synchronise(self, synchronise: Synchronise) -> Self {
        Self { stage: Stage::Synchronise(synchronise), ..self }
    }

    /// Begins with a module that answers already, and as this crate expects: [`Synchronise`] has
    /// just come to its end.
    #[must_use]
    pub fn synchronised(self) -> Self {
        Self { stage: Stage::Identity(identity_stage()), ..self }
    }

    /// Compares the module's clock with the host's.
    #[must_use]
    pub fn host_clock(self, host_clock: HostClock) -> Self {
        Self { host_clock: Some(host_clock), ..self }
    }

    /// What the rate means, for a screen.
    fn tell_rate(&mut self) -> Step<Result<BroughtUp, Error>> {
        self.stage = Stage::Told;
        let detail = match self.found.rate {
            Some(BaudRate::AUTOMATIC) => "found by the module itself, so its restarts may go unseen: AT+IPR=115200 and AT&W would fix it".to_string(),
            Some(BaudRate(rate)) => format!("fixed at {rate} baud"),
            None => "the module does not tell it".to_string(),
        };
        Step::Report(Progress { step: "rate", detail, remaining: None })
    }

    fn enter(&mut self, cx: &Context<'_>, stage: Stage) -> Step<Result<BroughtUp, Error>> {
        self.stage = stage;
        self.step(cx, Input::Begin)
    }

    fn after_context(&mut self, cx: &Context<'_>) -> Step<Result<BroughtUp, Error>> {
        let stage = match self.access_point.take() {
            Some(access_point) => {
                let set = |(): &()| Verdict::Good("set".to_string());
                Stage::AccessPoint(Until::once("access point", access_point, set))
            }
            None => self.time_stage(),
        };
        self.enter(cx, stage)
    }

    fn time_stage(&mut self) -> Stage {
        match self.time_server.take() {
            Some(server) => Stage::Time(SyncClock::new(Some(server), None)),
            None => clock_stage(),
        }
    }
}

impl Flow for BringUp {
    type Output = Result<BroughtUp, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        match &mut self.stage {
            Stage::Synchronise(flow) => {
                flow.step(cx, input).and_then(|_| self.enter(cx, Stage::Identity(identity_stage())))
            }
            Stage::Identity(flow) => flow.step(cx, input).and_then(|identity| {
                self.found.identity = identity;
                let until = Until::new("SIM", ReadSim, judge_sim, 10, NO_SIM);
                self.enter(cx, Stage::Sim(until))
            }),
            Stage::Sim(flow) => flow.step(cx, input).and_then(|_| {
                let until = Until::new("signal", ReadSignal, judge_signal, 10, NO_SIGNAL);
                self.enter(cx, Stage::Signal(until))
            }),
            Stage::Signal(flow) => flow.step(cx, input).and_then(|signal| {
                self.found.signal = signal;
                let read = ReadRegistration::Gsm;
                let until = Until::new("registration", read, judge_registration, 10, NO_NETWORK);
                self.enter(cx, Stage::Gsm(until))
            }),
            Stage::Gsm(flow) => flow.step(cx, input).and_then(|gsm| {
                self.found.gsm = gsm;
                let read = ReadRegistration::Gprs;
                let step = "GPRS registration";
                let until = Until::new(step, read, judge_registration, 20, NO_GPRS);
                self.enter(cx, Stage::Gprs(until))
            }),
            Stage::Gprs(flow) => flow.step(cx, input).and_then(|gprs| {
                self.found.gprs = gprs;
                let selected = |(): &()| Verdict::Good("0 is selected".to_string());
                let until = Until::once("context", SelectContext::First, selected);
                self.enter(cx, Stage::Context(until))
            }),
            Stage::Context(flow) => flow.step(cx, input).and_then(|()| self.after_context(cx)),
            Stage::AccessPoint(flow) => flow.step(cx, input).and_then(|()| {
                let stage = self.time_stage();
                self.enter(cx, stage)
            }),
            Stage::Time(flow) => flow.step(cx, input).and_then(|_| self.enter(cx, clock_stage())),
            Stage::Clock(flow) => flow.step(cx, input).and_then(|clock| {
                self.found.clock = Some(clock);
                self.found.clock_check =
                    self.host_clock.map(|host| host.check(cx.now, Some(clock)));
                self.enter(cx, Stage::Rate)
            }),
            Stage::Rate => match input {
                Input::Reply(reply) => match flows::decode(&ReadBaudRate, reply) {
                    Ok(rate) => {
                        self.found.rate = Some(rate);
                        self.tell_rate()
                    }
                    // A module that cannot tell is none the worse for it.
                    Err(Error::Failed(Failure::Refused(_)) | Error::Decode(_)) => self.tell_rate(),
                    Err(error) => Step::Done(Err(error)),
                },
                _ => flows::send(&ReadBaudRate, cx),
            },
            Stage::Told => Step::Done(Ok(self.found.clone())),
        }
    }
}

fn identity_stage() -> Until<ReadIdentity> {
    let named =
        |identity: &Identity| Verdict::Good(format!("{} {}", identity.model, identity.revision));
    Until::once("module", ReadIdentity, named)
}

fn clock_stage() -> Stage {
    let read = |clock: &ClockTime| Verdict::Good(clock.to_string());
    Stage::Clock(Until::once("clock", ReadClock, read))
}

fn judge_sim(state: &SimState<'static>) -> Verdict {
    let advice = match state {
        // The second PIN guards settings that nobody needs here.
        SimState::Ready | SimState::Pin2Required | SimState::Puk2Required => {
            return Verdict::Good(state.to_string());
        }
        SimState::NotInserted | SimState::NotReady | SimState::Other(_) => {
            return Verdict::NotYet(state.to_string());
        }
        SimState::PinRequired => {
            "switch the request for the PIN off in a phone, or send AT+CPIN=<pin>"
        }
        SimState::PukRequired => "unblock the SIM in a phone, with the PUK from its provider",
    };
    Verdict::Hopeless { state: format!("the SIM waits for {state}"), advice }
}

fn judge_signal(signal: &Signal) -> Verdict {
    match signal.dbm() {
        Some(dbm) => Verdict::Good(format!("{dbm} dBm")),
        None => Verdict::NotYet("no signal".to_string()),
    }
}

fn judge_registration(registration: &Registration) -> Verdict {
    let state = registration.status.to_string();
    match registration.status {
        status if status.is_registered() => Verdict::Good(state),
        RegistrationStatus::DENIED => Verdict::Hopeless {
            state,
            advice: "ask the SIM's provider whether it is active and may be used in this device and for packet data",
        },
        _ => Verdict::NotYet(state),
    }
}

const NO_SIM: &str =
    "check that a SIM is inserted the right way round, and that its contacts are clean";
const NO_SIGNAL: &str = "check the antenna and its cable";
const NO_NETWORK: &str =
    "check the antenna, that the SIM is active, and that there is a GSM (2G) network here";
const NO_GPRS: &str = "check that the SIM's contract includes GPRS";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::profile::Profile;
    use crate::error::ErrorKind;
    use crate::testing::Rehearsal;

    type Script = Vec<(&'static str, &'static [u8])>;

    const OK: &[u8] = b"\r\nOK\r\n";

    fn found() -> Script {
        vec![
            ("AT", OK),
            ("ATQ0V1E0", OK),
            ("AT+CMEE=1", OK),
            ("ATI", b"\r\nQuectel_Ltd\r\nQuectel_M26\r\nRevision: M26FBR03A03\r\n\r\nOK\r\n"),
        ]
    }

    fn run(script: &Script) -> (Result<BroughtUp, Error>, Vec<String>) {
        let bring_up = BringUp::default()
            .access_point(SetAccessPoint::new("CMNET".parse().unwrap()))
            .time_server("ntp1.aliyun.com".parse().unwrap());
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        (rehearsal.run(bring_up), rehearsal.reports)
    }

    #[test]
    fn all_the_way() {
        let mut script = found();
        script.extend([
            ("AT+CPIN?", &b"\r\n+CME ERROR: 14\r\n"[..]),
            ("AT+CPIN?", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            ("AT+CSQ", b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n"),
            ("AT+CSQ", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n"),
            ("AT+CREG?", b"\r\n+CREG: 0,2\r\n\r\nOK\r\n"),
            ("AT+CREG?", b"\r\n+CREG: 0,5\r\n\r\nOK\r\n"),
            ("AT+CGREG?", b"\r\n+CGREG: 0,1\r\n\r\nOK\r\n"),
            ("AT+QIFGCNT=0", OK),
            ("AT+QICSGP=1,\"CMNET\"", OK),
            ("AT+QNTTP=\"ntp1.aliyun.com\"", b"\r\nOK\r\n\r\n+QNTTP: 0\r\n"),
            ("AT+CCLK?", b"\r\n+CCLK: \"19/01/30,09:29:37+32\"\r\n\r\nOK\r\n"),
            ("AT+IPR?", b"\r\n+IPR: 0\r\n\r\nOK\r\n"),
        ]);
        let (found, reports) = run(&script);
        let found = found.unwrap();
        assert_eq!(found.identity.model, "Quectel_M26");
        assert_eq!(found.gsm.status, RegistrationStatus::ROAMING);
        assert_eq!(found.clock.and_then(ClockTime::unix_seconds), Some(1_548_811_777));
        assert!(found.autobauds());
        assert_eq!(found.clock_check, None);
        assert!(reports.last().unwrap().contains("AT+IPR=115200"), "{reports:?}");
        assert!(reports.iter().any(|report| report == "signal: -91 dBm"), "{reports:?}");
        assert!(reports.iter().any(|report| report.contains("14 (SIM busy)")), "{reports:?}");
        // What is waited for, and how long it may still take: nine more times, a second
        // and an answer within three.
        let searching = "registration: 2 (searching), asking again (1 of 10) \
                         (at most 36 s more)";
        assert!(reports.iter().any(|report| report == searching), "{reports:?}");
    }

    #[test]
    fn without_an_access_point_and_a_time_server() {
        let mut script = found();
        script.extend([
            ("AT+CPIN?", &b"\r\n+CPIN: READY\r\n\r\nOK\r\n"[..]),
            ("AT+CSQ", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n"),
            ("AT+CREG?", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
            ("AT+CGREG?", b"\r\n+CGREG: 0,1\r\n\r\nOK\r\n"),
            ("AT+QIFGCNT=0", OK),
            ("AT+CCLK?", b"\r\n+CCLK: \"19/01/30,09:29:37+32\"\r\n\r\nOK\r\n"),
            ("AT+IPR?", b"\r\n+IPR: 0\r\n\r\nOK\r\n"),
        ]);
        assert!(Rehearsal::new(Profile::quectel(), &script).run(BringUp::default()).is_ok());
    }

    #[test]
    fn no_sim() {
        let mut script = found();
        script.extend([("AT+CPIN?", &b"\r\n+CME ERROR: 10\r\n"[..]); 10]);
        let error = run(&script).0.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Refused, Some(10)));
        assert!(error.to_string().contains("SIM not inserted"), "{error}");
        assert!(error.to_string().contains("inserted the right way"), "{error}");
    }

    #[test]
    fn a_pin_and_a_denial_end_it_at_once() {
        let mut script = found();
        script.push(("AT+CPIN?", b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"));
        let error = run(&script).0.unwrap_err();
        assert!(error.to_string().starts_with("SIM: the SIM waits for SIM PIN; "), "{error}");
        script.pop();
        script.extend([
            ("AT+CPIN?", &b"\r\n+CPIN: READY\r\n\r\nOK\r\n"[..]),
            ("AT+CSQ", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n"),
            ("AT+CREG?", b"\r\n+CREG: 0,3\r\n\r\nOK\r\n"),
        ]);
        let error = run(&script).0.unwrap_err();
        assert!(error.to_string().contains("registration denied"), "{error}");
    }

    #[test]
    fn patience_ends() {
        let mut script = found();
        script.push(("AT+CPIN?", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"));
        script.extend([("AT+CSQ", &b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n"[..]); 10]);
        let error = run(&script).0.unwrap_err();
        assert_eq!(error.to_string(), "signal: no signal; check the antenna and its cable");
    }
}
