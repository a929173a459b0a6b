//! Signing a payment, whatever became of the signature before.

use crate::alipay::sign::PREFIX;
use crate::alipay::{Sign, SignedData};
use crate::at::command::{Command as _, KnownDevice};
use crate::engine::{Certainty, ExchangeError, SubmitError};
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Step};
use crate::m26::ReadClock;

/// Signs a payment, whatever became of the signature before. For clients: a session does the same by
/// itself.
///
/// A result line does not say which command it answers. So after a signature that did not come, a
/// client refuses to send another one: the late result would be taken for its own
/// ([`SubmitError::Outstanding`]). But a signature says when it was made, by the module's clock. So
/// this flow waits until the one that did not come has had all its time, reads the clock, and sends
/// the command again. What was made before that is not its result.
///
/// Where nothing is due it sends the command alone, and can be used for each payment.
///
/// ```
/// # #[cfg(all(feature = "sim", feature = "blocking"))]
/// # {
/// use m26_pay::alipay::{Open, Sign, SignData, SignMode};
/// use m26_pay::flows::Signing;
/// # use m26_pay::blocking::Client;
/// # use m26_pay::engine::Settings;
/// # use m26_pay::sim::modem::{self, Modem};
/// # use m26_pay::sim::virtual_port::VirtualPort;
/// # let module = modem::ModemSettings { config: Some(modem::ModemConfig::sample()), ..Default::default() };
/// # let mut client = Client::connect(VirtualPort::new(Modem::new(module)), Settings::default());
/// # client.next_event(Some(std::time::Duration::from_secs(10)))?;
///
/// client.send(&Open)?;
/// # client.send(&m26_pay::alipay::DeviceId)?;
/// let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890")?);
/// let signed = client.run(Signing::new(sign.amount("10.25".parse()?)))?;
/// assert_eq!(signed.len(), 369);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As the command; and [`SubmitError::Outstanding`], if the module's clock cannot be read or has no
/// time zone.
#[derive(Clone, Debug)]
pub struct Signing {
    sign: Sign,
    stage: Stage,
    /// How often the clock was read.
    tried: u32,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The command as it is.
    Plain,
    ReadingClock,
    /// The command; a result that was made before this is an earlier one's.
    After(i64),
}

impl Signing {
    /// Signs this.
    #[must_use]
    pub fn new(sign: Sign) -> Self {
        Self { sign, stage: Stage::Plain, tried: 0 }
    }

    fn send(&self, cx: &Context<'_>) -> Step<Result<SignedData, Error>> {
        match (self.sign.request(cx.profile), self.stage) {
            (Ok(request), Stage::After(time)) => Step::Send(request.newer_than(time)),
            (Ok(request), _) => Step::Send(request),
            (Err(error), _) => Step::Done(Err(error.into())),
        }
    }

    fn read_clock(&mut self, cx: &Context<'_>) -> Step<Result<SignedData, Error>> {
        self.stage = Stage::ReadingClock;
        self.tried += 1;
        match ReadClock.request(cx.profile) {
            Ok(request) => Step::Send(request.clock_for(&[PREFIX])),
            Err(error) => Step::Done(Err(error.into())),
        }
    }
}

impl Flow for Signing {
    type Output = Result<SignedData, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        let reply = match input {
            Input::Begin => {
                (self.stage, self.tried) = (Stage::Plain, 0);
                return self.send(cx);
            }
            Input::Resume => return self.send(cx),
            Input::Reply(reply) => reply,
        };
        let outstanding = || Error::from(ExchangeError::Busy(OUTSTANDING));
        match (self.stage, reply) {
            (Stage::Plain | Stage::After(_), Err(ExchangeError::Busy(busy)))
                if matches!(busy, SubmitError::Outstanding { .. }) && self.tried < TRIES =>
            {
                self.read_clock(cx)
            }
            (Stage::Plain, reply) => Step::Done(flows::decode(&self.sign, reply)),
            (Stage::After(time), Ok(reply)) => {
                let device = KnownDevice::default().asked_after(time);
                Step::Done(self.sign.decode_from(&reply, device).map_err(Error::from))
            }
            (Stage::After(_), Err(failure)) => Step::Done(Err(failure.into())),
            (Stage::ReadingClock, reply) => match flows::decode(&ReadClock, reply) {
                Ok(time) => match time.unix_seconds() {
                    Some(time) => {
                        self.stage = Stage::After(time);
                        self.send(cx)
                    }
                    None => Step::Done(Err(outstanding())),
                },
                // Where it could not even be sent, trying again takes as long as the first time.
                Err(error) if error.certainty() == Certainty::NotSent => Step::Done(Err(error)),
                // The line may have been damaged on its way.
                Err(_) if self.tried < TRIES => self.read_clock(cx),
                Err(_) => Step::Done(Err(outstanding())),
            },
        }
    }
}

const OUTSTANDING: SubmitError = SubmitError::Outstanding { prefix: PREFIX, same_line: true };

/// Not specified; chosen because a damaged line is seldom followed by two more.
const TRIES: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alipay::{SignData, SignMode};
    use crate::at::profile::Profile;
    use crate::testing::Rehearsal;

    fn sign() -> Signing {
        Signing::new(Sign::new(SignMode::Withholding, SignData::new("1").unwrap()))
    }

    fn answer(time: u32) -> Vec<u8> {
        let data = format!("{{\"time\":\"{time}\"}}");
        format!("\r\nOK\r\n\r\n+ALIPAYSIGN: 0,{},\"{data}\"\r\n", data.len()).into_bytes()
    }

    #[test]
    fn where_nothing_is_due_it_is_the_command_alone() {
        let answer = answer(1);
        let script: &[(&str, &[u8])] = &[("AT+ALIPAYSIGN=4,\"1\"", &answer)];
        assert!(Rehearsal::new(Profile::quectel(), script).run(sign()).is_ok());
        let script: &[(&str, &[u8])] = &[("AT+ALIPAYSIGN=4,\"1\"", b"\r\nERROR\r\n")];
        assert!(Rehearsal::new(Profile::quectel(), script).run(sign()).is_err());
    }

    /// What the engine answers is stood for by hand: it refuses once.
    fn after_a_refusal(clock: &[&[u8]], signed: Option<&[u8]>) -> Result<SignedData, Error> {
        let mut flow = sign();
        let mut script: Vec<(&str, &[u8])> = clock.iter().map(|line| ("AT+CCLK?", *line)).collect();
        script.extend(signed.map(|signed| ("AT+ALIPAYSIGN=4,\"1\"", signed)));
        let mut rehearsal = Rehearsal::new(Profile::quectel(), &script);
        let cx = Context { now: rehearsal.now, profile: &Profile::quectel() };
        assert!(matches!(flow.step(&cx, Input::Begin), Step::Send(_)));
        let busy = Input::Reply(Err(ExchangeError::Busy(OUTSTANDING)));
        let mut first = Some(flow.step(&cx, busy));
        // The flow goes on from there.
        rehearsal.run(Going(&mut flow, &mut first))
    }

    struct Going<'a>(&'a mut Signing, &'a mut Option<Step<Result<SignedData, Error>>>);

    impl Flow for Going<'_> {
        type Output = Result<SignedData, Error>;

        fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
            self.1.take().unwrap_or_else(|| self.0.step(cx, input))
        }
    }

    const CLOCK: &[u8] = b"\r\n+CCLK: \"19/01/30,09:29:37+32\"\r\n\r\nOK\r\n";

    #[test]
    fn the_clock_tells_a_late_signature_from_the_next() {
        assert!(after_a_refusal(&[CLOCK], Some(&answer(1_548_811_777))).is_ok());
        let error = after_a_refusal(&[CLOCK], Some(&answer(1_548_811_776))).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Mismatch);
        // A clock that cannot be read once.
        let damaged: &[u8] = b"\r\n+CCLK: 19\r\n\r\nOK\r\n";
        assert!(after_a_refusal(&[damaged, CLOCK], Some(&answer(1_548_811_777))).is_ok());
    }

    #[test]
    fn a_clock_that_tells_nothing_leaves_the_refusal() {
        let error: &[u8] = b"\r\nERROR\r\n";
        let local: &[u8] = b"\r\n+CCLK: \"19/01/30,09:29:37\"\r\n\r\nOK\r\n";
        for clock in [&[error, error, error][..], &[local]] {
            let error = after_a_refusal(clock, None).unwrap_err();
            assert!(error.to_string().contains("still due"), "{error}");
            assert_eq!(error.certainty(), Certainty::NotSent);
        }
    }
}
