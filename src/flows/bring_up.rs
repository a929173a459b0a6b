//! From a module that has just been switched on to one that is in the network.

mod part;

use std::collections::VecDeque;

use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::{Context, Flow, Input, Progress, Step, Synchronise};
use crate::m26::{
    BaudRate, ClockCheck, ClockTime, HostClock, Identity, NtpServer, Registration, SetAccessPoint,
    Signal,
};
pub(crate) use part::Part;
use part::Stage;

/// Brings the module up: finds it, has it keep quiet of other people's text and stay awake, waits
/// for its SIM and its registration for packet data, sets the context and, if a time server is
/// named, the clock. In the end it says whether the module finds its rate by itself, and how its
/// clock and the host's agree.
///
/// Only what a payment needs ends it: a module that does not answer at all, a SIM that is not
/// ready, and a network that does not register it for packet data. Anything else that is refused,
/// odd or not answered is one of [`BroughtUp::shortfalls`], and the rest goes on.
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
    /// What is still to be done.
    parts: VecDeque<Part>,
    part: Part,
    stage: Stage,
    found: BroughtUp,
    /// What fell short, to be done again.
    again: Vec<Part>,
}

/// What was found on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BroughtUp {
    /// What the module is; nothing if it did not say it.
    pub identity: Identity,
    /// The strength of the signal.
    pub signal: Signal,
    /// The registration in the network, which calls need and payments do not.
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
    /// Whether the module reports changes of its registration for packet data from now on, until
    /// it is restarted (AT+CGREG=1).
    pub reports_registration: bool,
    /// What was refused, odd or not answered, and that no payment needs.
    pub shortfalls: Vec<Shortfall>,
}

/// A step that fell short, and that no payment needs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Shortfall {
    /// The step, such as `clock`.
    pub step: &'static str,
    /// What came of it. It holds no secret.
    pub error: String,
}

impl std::fmt::Display for Shortfall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; payments do not need it", self.step, self.error)
    }
}

impl BroughtUp {
    /// Whether the module finds the rate by itself, so that its restarts may go unseen.
    #[must_use]
    pub fn autobauds(&self) -> bool {
        self.rate == Some(BaudRate::AUTOMATIC)
    }
}

impl Default for BringUp {
    fn default() -> Self {
        Self {
            access_point: None,
            time_server: None,
            host_clock: None,
            parts: Part::ALL.into(),
            part: Part::Synchronise,
            stage: Stage::Synchronise(Synchronise::default()),
            found: BroughtUp {
                identity: Identity::default(),
                signal: Signal::UNKNOWN,
                gsm: Registration::UNKNOWN,
                gprs: Registration::UNKNOWN,
                clock: None,
                clock_check: None,
                rate: None,
                reports_registration: false,
                shortfalls: Vec::new(),
            },
            again: Vec::new(),
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
        Self { stage: Stage::Between, ..self }
    }

    /// Compares the module's clock with the host's.
    #[must_use]
    pub fn host_clock(self, host_clock: HostClock) -> Self {
        Self { host_clock: Some(host_clock), ..self }
    }

    /// Does these alone, of a module that is up.
    pub(crate) fn only(self, parts: &[Part]) -> Self {
        Self { parts: parts.iter().copied().collect(), ..self.synchronised() }
    }

    /// What fell short and can be done again, once it is over.
    pub(crate) fn take_again(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.again)
    }

    fn next(&mut self, cx: &Context<'_>) -> Step<Result<BroughtUp, Error>> {
        while let Some(part) = self.parts.pop_front() {
            let (access_point, time_server) = (&self.access_point, &self.time_server);
            if let Some(stage) = Stage::begin(part, access_point.as_ref(), time_server.as_ref()) {
                (self.part, self.stage) = (part, stage);
                return self.step(cx, Input::Begin);
            }
        }
        Step::Done(Ok(self.found.clone()))
    }

    /// A step of a part. What came of it in the end is taken, and the next part begins.
    fn follow<T>(
        &mut self,
        cx: &Context<'_>,
        step: Step<Result<T, Error>>,
        take: impl FnOnce(&mut Self, T),
    ) -> Step<Result<BroughtUp, Error>> {
        match step {
            Step::Send(request) => Step::Send(request),
            Step::Wait(time) => Step::Wait(time),
            Step::Report(progress) => Step::Report(progress),
            Step::Done(Ok(value)) => {
                take(self, value);
                self.next(cx)
            }
            Step::Done(Err(error)) if self.part.needs(&error) => Step::Done(Err(error)),
            Step::Done(Err(error)) => self.fall_short(cx, &error),
        }
    }

    fn fall_short(&mut self, cx: &Context<'_>, error: &Error) -> Step<Result<BroughtUp, Error>> {
        let refused = matches!(error, Error::Failed(ExchangeError::Refused(_)));
        if refused && self.part.may_be_refused() {
            return self.next(cx);
        }
        let (step, error) = (self.part.name(), error.to_string());
        if self.part.can_be_done_again() {
            self.again.push(self.part);
        }
        self.found.shortfalls.push(Shortfall { step, error: error.clone() });
        self.stage = Stage::Between;
        Step::Report(Progress { step, detail: format!("{error}; going on"), remaining: None })
    }

    fn take_clock(&mut self, cx: &Context<'_>, clock: ClockTime) {
        self.found.clock = Some(clock);
        self.compare(cx);
    }

    fn compare(&mut self, cx: &Context<'_>) {
        let clock = self.found.clock;
        self.found.clock_check = self.host_clock.map(|host| host.check(cx.now, clock));
    }
}

impl Flow for BringUp {
    type Output = Result<BroughtUp, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        match &mut self.stage {
            Stage::Between => self.next(cx),
            Stage::Synchronise(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |_, _| ())
            }
            Stage::Setting(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |it, ()| {
                    it.found.reports_registration |= it.part == Part::ReportRegistration;
                })
            }
            Stage::Identity(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |it, identity| it.found.identity = identity)
            }
            Stage::Sim(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |_, _| ())
            }
            Stage::Signal(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |it, signal| it.found.signal = signal)
            }
            Stage::Gsm(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |it, gsm| it.found.gsm = gsm)
            }
            Stage::Gprs(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |it, gprs| it.found.gprs = gprs)
            }
            Stage::Context(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |_, ()| ())
            }
            Stage::AccessPoint(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |_, ()| ())
            }
            Stage::Time(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |_, _| ())
            }
            Stage::Clock(flow) => {
                let step = flow.step(cx, input);
                self.compare(cx);
                self.follow(cx, step, |it, clock| it.take_clock(cx, clock))
            }
            Stage::Rate(flow) => {
                let step = flow.step(cx, input);
                self.follow(cx, step, |it, rate| it.found.rate = Some(rate))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::profile::Profile;
    use crate::error::ErrorKind;
    use crate::m26::RegistrationStatus;
    use crate::testing::Rehearsal;

    type Script = Vec<(&'static str, &'static [u8])>;

    const OK: &[u8] = b"\r\nOK\r\n";

    fn found() -> Script {
        vec![
            ("AT", OK),
            ("ATQ0V1E1", OK),
            ("AT+CMEE=1", OK),
            ("AT+CNMI=2,0,0,0,0", OK),
            ("AT+CUSD=0", OK),
            ("AT+QSCLK=0", OK),
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

    const READY: &[u8] = b"\r\n+CPIN: READY\r\n\r\nOK\r\n";
    const HOME: &[u8] = b"\r\n+CGREG: 1,1\r\n\r\nOK\r\n";

    /// A bring-up in which nothing is wrong, and in which all is asked for.
    fn healthy() -> Script {
        let mut script = found();
        script.extend([
            ("AT+CPIN?", READY),
            ("AT+CSQ", &b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n"[..]),
            ("AT+CREG?", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
            ("AT+CGREG=1", OK),
            ("AT+CGREG?", HOME),
            ("AT+QIFGCNT=0", OK),
            ("AT+QICSGP=1,\"CMNET\"", OK),
            ("AT+QNTTP=\"ntp1.aliyun.com\"", b"\r\nOK\r\n\r\n+QNTTP: 0\r\n"),
            ("AT+CCLK?", b"\r\n+CCLK: \"19/01/30,09:29:37+32\"\r\n\r\nOK\r\n"),
            ("AT+IPR?", b"\r\n+IPR: 0\r\n\r\nOK\r\n"),
        ]);
        script
    }

    #[test]
    fn all_the_way() {
        let mut script = healthy();
        let at = |line: &str| script.iter().position(|(asked, _)| *asked == line).unwrap();
        let (sim, gprs) = (at("AT+CPIN?"), at("AT+CGREG?"));
        script.insert(gprs, ("AT+CGREG?", b"\r\n+CGREG: 1,2\r\n\r\nOK\r\n"));
        script.insert(sim, ("AT+CPIN?", b"\r\n+CME ERROR: 14\r\n"));
        let (found, reports) = run(&script);
        let found = found.unwrap();
        assert_eq!(found.identity.model, "Quectel_M26");
        assert_eq!(found.gprs.status, RegistrationStatus::HOME);
        assert_eq!(found.clock.and_then(ClockTime::unix_seconds), Some(1_548_811_777));
        assert!(found.autobauds() && found.reports_registration);
        assert_eq!((found.clock_check, found.shortfalls), (None, Vec::new()));
        assert!(reports.last().unwrap().contains("AT+IPR=115200"), "{reports:?}");
        assert!(reports.iter().any(|report| report == "signal: -91 dBm"), "{reports:?}");
        assert!(reports.iter().any(|report| report.contains("14 (SIM busy)")), "{reports:?}");
        // What is waited for, and how long it may still take: 29 more times, a second and an answer
        // within one and a half.
        let searching = "GPRS registration: 2 (searching), asking again (1 of 30) \
                         (at most 73 s more)";
        assert!(reports.iter().any(|report| report == searching), "{reports:?}");
    }

    /// Fifteen lines with the two settings that the caller asks for: see `Plan`.
    #[test]
    fn no_more_lines_than_they_are_worth() {
        assert_eq!(healthy().len(), 17);
        let mut script = healthy();
        script.retain(|(line, _)| !line.contains("QICSGP") && !line.contains("QNTTP"));
        assert!(Rehearsal::new(Profile::quectel(), &script).run(BringUp::default()).is_ok());
    }

    /// Each line is refused, answered oddly and not answered at all. Nothing that a payment does not
    /// need ends it.
    #[test]
    fn only_what_a_payment_needs_ends_it() {
        let healthy = healthy();
        let odd: [&[u8]; 4] =
            [b"\r\nERROR\r\n", b"\r\n+CME ERROR: 3\r\n", b"\r\n+NOISE: \xff\"\r\n\r\nOK\r\n", b""];
        // The first three lines find the module.
        for place in 3..healthy.len() {
            for answer in odd {
                let mut script = healthy.clone();
                let asked = script[place].0;
                script[place].1 = answer;
                if asked == "AT+CGREG?" {
                    script.insert(place, ("AT+CGREG?", answer));
                }
                if asked.contains("QNTTP") && answer.starts_with(b"\r\n") && !answer.ends_with(OK) {
                    script.insert(place + 1, ("AT+QNTP=\"ntp1.aliyun.com\"", answer));
                }
                let case = format!("{asked} {:?}", String::from_utf8_lossy(answer));
                let (found, reports) = run(&script);
                let found = found.unwrap_or_else(|error| panic!("{case}: {error} {reports:?}"));
                assert!(found.shortfalls.len() <= 1, "{case}: {:?}", found.shortfalls);
                let told = answer.is_empty() || asked == "AT+CCLK?" || asked == "ATI";
                if told && !answer.ends_with(OK) {
                    assert_eq!(found.shortfalls.len(), 1, "{case}");
                }
            }
        }
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
    fn a_pin_ends_it_at_once() {
        let mut script = found();
        script.push(("AT+CPIN?", b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"));
        let error = run(&script).0.unwrap_err();
        assert!(error.to_string().starts_with("SIM: the SIM waits for SIM PIN; "), "{error}");
    }

    /// What the network does to calls is no matter, and it may deny packet data for a moment.
    #[test]
    fn only_packet_data_counts() {
        let mut script = healthy();
        let at = |line: &str| script.iter().position(|(asked, _)| *asked == line).unwrap();
        let (gsm, gprs) = (at("AT+CREG?"), at("AT+CGREG?"));
        script[gsm].1 = b"\r\n+CREG: 2,3\r\n\r\nOK\r\n";
        script.insert(gprs, ("AT+CGREG?", b"\r\n+CGREG: 1,3\r\n\r\nOK\r\n"));
        let found = run(&script).0.unwrap();
        assert_eq!(found.gsm.status, RegistrationStatus::DENIED);
        script.truncate(gprs);
        script.extend([("AT+CGREG?", &b"\r\n+CGREG: 1,3\r\n\r\nOK\r\n"[..]); 30]);
        let error = run(&script).0.unwrap_err();
        assert!(error.to_string().contains("registration denied"), "{error}");
        assert!(error.to_string().contains("ask the SIM's provider"), "{error}");
    }
}
