//! Setting the module's clock from the network.

use std::time::Duration;

use crate::at::command::Command as _;
use crate::at::profile::NtpVerb;
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Progress, Step};
use crate::m26::{NTP_DEADLINE, NtpCommand, NtpServer, NtpSync};

/// Sets the clock from a time server with the verb that the profile names. Where it allows both,
/// the spec's comes first, and the documented one if the module refuses it.
///
/// ```
/// use m26_pay::flows::SyncClock;
///
/// let sync = SyncClock::new(Some("ntp1.aliyun.com".parse()?), None); // for the `run` of a client
/// # Ok::<(), m26_pay::argument::InvalidArgument>(())
/// ```
#[derive(Clone, Debug)]
pub struct SyncClock {
    sync: NtpSync,
    /// The refusal of the spec's verb led to the documented one.
    fell_back: bool,
    /// How long one attempt may take, if not as long as the manual says.
    within: Option<Duration>,
}

impl SyncClock {
    /// Asks this server, or the module's own.
    #[must_use]
    pub fn new(server: Option<NtpServer>, port: Option<u16>) -> Self {
        let sync = NtpSync { verb: NtpCommand::Qnttp, server, port };
        Self { sync, fell_back: false, within: None }
    }

    /// Waits no longer for the time server than this, in the place of the manual's 120 s. What it
    /// answers later sets the clock all the same.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self { within: Some(time), ..self }
    }

    fn ask(&self, cx: &Context<'_>) -> Step<Result<NtpCommand, Error>> {
        match self.sync.request(cx.profile) {
            Ok(request) => Step::Send(request.timeout(self.within)),
            Err(error) => Step::Done(Err(error.into())),
        }
    }
}

impl Flow for SyncClock {
    type Output = Result<NtpCommand, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        match input {
            Input::Begin => {
                self.fell_back = false;
                self.sync.verb = match cx.profile.ntp {
                    NtpVerb::Documented => NtpCommand::Qntp,
                    NtpVerb::Spec | NtpVerb::SpecThenDocumented => NtpCommand::Qnttp,
                };
                Step::Report(Progress {
                    step: "clock",
                    detail: "asking the time server".to_string(),
                    remaining: Some(self.within.unwrap_or(NTP_DEADLINE.after)),
                })
            }
            Input::Resume => self.ask(cx),
            Input::Reply(Err(ExchangeError::Refused(_)))
                if cx.profile.ntp == NtpVerb::SpecThenDocumented && !self.fell_back =>
            {
                self.fell_back = true;
                self.sync.verb = NtpCommand::Qntp;
                self.ask(cx)
            }
            Input::Reply(reply) => {
                Step::Done(flows::decode(&self.sync, reply).map(|()| self.sync.verb))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::profile::Profile;
    use crate::testing::Rehearsal;

    fn server() -> Option<NtpServer> {
        Some("ntp1.aliyun.com".parse().unwrap())
    }

    #[test]
    fn the_documented_verb_follows_a_refusal() {
        let script: &[(&str, &[u8])] = &[
            ("AT+QNTTP=\"ntp1.aliyun.com\"", b"\r\n+CME ERROR: 601\r\n"),
            ("AT+QNTP=\"ntp1.aliyun.com\"", b"\r\nOK\r\n\r\n+QNTP: 0\r\n"),
        ];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let verb = rehearsal.run(SyncClock::new(server(), None)).unwrap();
        assert_eq!(verb, NtpCommand::Qntp);
    }

    #[test]
    fn a_fixed_verb_is_the_only_one() {
        let script: &[(&str, &[u8])] = &[("AT+QNTTP=\"ntp1.aliyun.com\"", b"\r\nERROR\r\n")];
        let profile = Profile { ntp: NtpVerb::Spec, ..Profile::quectel() };
        let mut rehearsal = Rehearsal::new(profile, script);
        assert!(rehearsal.run(SyncClock::new(server(), None)).is_err());
        // What the time server says is no reason for another verb.
        let script: &[(&str, &[u8])] =
            &[("AT+QNTTP=\"ntp1.aliyun.com\"", b"\r\nOK\r\n\r\n+QNTTP: 2\r\n")];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let error = rehearsal.run(SyncClock::new(server(), None)).unwrap_err();
        assert_eq!(error.code(), Some(2));
    }
}
