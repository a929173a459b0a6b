//! What the outcome of a state's work leads to.

use std::time::Duration;

use crate::alipay::{BizTid, Opened, ProductInfo, ReportStatus};
use crate::at::command::{Command, DecodeError, Reply};
use crate::at::field::Shape;
use crate::engine::Failure;
use crate::error::{Error, ErrorKind};
use crate::flows::{self, BroughtUp, Configured, Context, Input};
use crate::m26::{At, ErrorFormat};
use crate::session::machine::{Machine, Step};
use crate::session::work::Job;
use crate::session::{Event, Notice, Restart, State, Warning};

impl Machine {
    /// The module is called again after a while, from the beginning.
    pub(super) fn again(&mut self, error: &Error) -> Option<Step> {
        self.fail(error);
        let delay = self.next_wait();
        self.delay = Some(delay);
        if self.state == State::Synchronising {
            let detail = format!("{error}; trying again");
            let remaining = Some(delay);
            self.tell(Event::Progress(flows::Progress { step: "session", detail, remaining }));
            self.turn();
        } else {
            self.go(State::Synchronising, error.to_string());
        }
        None
    }

    pub(super) fn synchronised(&mut self, outcome: Result<(), Error>) -> Option<Step> {
        match outcome {
            Ok(()) if self.sdk.shut => {
                self.restart("the SDK was shut, and opens only after a restart".to_string());
            }
            Ok(()) if self.sdk.forgotten && !self.sdk.due.is_empty() => {
                if self.plan.restart == Restart::Never {
                    self.job = Job::Quarantine;
                } else {
                    let due = self.sdk.due_names().join(", ");
                    self.restart(format!(
                        "{due} of before the port was lost may still come and would be taken for another"
                    ));
                }
            }
            Ok(()) => self.go(State::BringingUp, "the module answers"),
            // One that was restarted often enough is called until somebody looks after it.
            Err(error)
                if self.plan.restart == Restart::Host
                    && self.restarts < self.plan.restart_limit =>
            {
                self.fail(&error);
                self.restart(error.to_string());
            }
            Err(error) => return self.again(&error),
        }
        None
    }

    /// An exchange of which the engine believes that it causes what is due.
    pub(super) fn quarantined(&mut self, cx: &Context<'_>, input: Input) -> Option<Step> {
        if let Input::Reply(reply) = input {
            return match reply {
                Ok(_) => {
                    self.sdk.forgotten = false;
                    self.warn(Warning::Outstanding { results: self.sdk.due_names() });
                    self.go(State::BringingUp, "the module answers");
                    None
                }
                Err(failure) => self.again(&failure.into()),
            };
        }
        self.job = Job::Quarantine;
        match At.request(cx.profile) {
            Ok(request) => {
                let due = self.sdk.due.iter().map(|prefix| match *prefix {
                    // The answer of the read form is another line.
                    "+ALIPAYREP" => ("+ALIPAYREP", Shape::Fields(1)),
                    prefix => (prefix, Shape::Any),
                });
                Some(Step::Send(request.may_cause(due.collect())))
            }
            Err(error) => self.again(&error.into()),
        }
    }

    /// Results that keep others from being asked for are taken for lost.
    pub(super) fn never_came(&mut self, results: Vec<&'static str>) {
        if self.plan.restart == Restart::Never {
            self.warn(Warning::Outstanding { results });
            return;
        }
        let (due, settle) = (results.join(", "), self.plan.settle);
        self.restart(format!(
            "{due} has not come within {settle:?}, and no other can be asked for before it does"
        ));
    }

    pub(super) fn restart_job(&self) -> Job {
        match self.plan.restart {
            Restart::Host | Restart::Never => Job::Host,
            Restart::PowerOff | Restart::Reset => Job::Restart,
        }
    }

    pub(super) fn brought_up(&mut self, outcome: Result<BroughtUp, Error>) -> Option<Step> {
        let found = match outcome {
            Ok(found) => found,
            Err(error) => return self.again(&error),
        };
        let autobauds = found.autobauds();
        let health = &mut self.health;
        (health.signal, health.gsm, health.gprs) = (found.signal, found.gsm, found.gprs);
        health.clock = found.clock_check;
        health.module = Some(found.identity);
        if autobauds {
            self.warn(Warning::Autobauding);
        }
        if let Some(check) = found.clock_check.filter(|check| check.is_warning()) {
            self.warn(Warning::Clock(check));
        }
        self.go(State::Configuring, "the module is in the network");
        None
    }

    pub(super) fn configured(&mut self, outcome: Result<Configured, Error>) -> Option<Step> {
        self.sdk.forced &= outcome.is_err();
        match outcome {
            Ok(Configured::Unchanged) => {
                self.go(State::Opening, "the configuration is there already");
            }
            Ok(Configured::Set { changed }) => {
                self.sdk.empty = true;
                self.warn(Warning::ConfigurationChanged { fields: changed });
                self.go(State::Opening, "the configuration was set");
            }
            Ok(Configured::Differs { fields }) => {
                self.sdk.empty = true;
                self.sdk.tolerated.clone_from(&fields);
                self.warn(Warning::ConfigurationDiffers { fields });
                self.go(State::Opening, "the configuration was set");
            }
            Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::Invalid) => {
                self.fail(&error);
                self.go(State::Failed, error.to_string());
            }
            Err(error) => return self.again(&error),
        }
        None
    }

    pub(super) fn sdk_opened(&mut self, outcome: Result<Opened, Error>) -> Option<Step> {
        match outcome {
            Ok(Opened::Already) if self.sdk.suspect => {
                self.restart("the SDK is open and says that it is not initialised".to_string());
            }
            Ok(opened) => {
                self.sdk.running = true;
                self.notice(Notice::Opened { fresh: opened == Opened::Now });
                if opened == Opened::Now {
                    self.sdk.told = false;
                }
                self.job = Job::ToProductInfo(1);
            }
            // After a failure, and after a SHUT, the module must be restarted (spec V1.0, 3.2).
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Result) => {
                self.restart(error.to_string());
            }
            Err(error) => return self.again(&error),
        }
        None
    }

    /// What came of the product information.
    pub(super) fn told(&mut self, cx: &Context<'_>, tried: u32, input: Input) -> Option<Step> {
        let Some(Ok(info)) = self.plan.human_verify.map(ProductInfo::new) else {
            return self.identify();
        };
        self.exchange(&info, Job::ProductInfo(tried), cx, input, |machine, outcome| {
            let error = match outcome {
                Ok(_) => {
                    machine.sdk.told = true;
                    return machine.identify();
                }
                Err(error) => error,
            };
            match &error {
                Error::Decode(DecodeError::Result { code, .. })
                    if *code == ReportStatus::NOT_INITIALISED.0 =>
                {
                    machine.restart(error.to_string());
                    None
                }
                Error::Failed(Failure::Silent) => machine.again(&error),
                Error::Decode(DecodeError::Result { code, .. })
                    if *code == ReportStatus::PARAMETER.0 =>
                {
                    machine.untold(&error)
                }
                _ if tried >= PRODUCT_INFO_TRIES => machine.untold(&error),
                _ => {
                    let delay = machine.next_wait();
                    machine.ask_again("product information", error.to_string(), delay);
                    let until = cx.now.checked_add(delay).unwrap_or(cx.now);
                    machine.job = Job::Pausing(until, Box::new(Job::ToProductInfo(tried + 1)));
                    None
                }
            }
        })
    }

    /// The product information was not taken. Payments do not depend on it.
    pub(super) fn untold(&mut self, error: &Error) -> Option<Step> {
        self.warn(Warning::ProductInfo { error: error.to_string() });
        self.identify()
    }

    pub(super) fn identify(&mut self) -> Option<Step> {
        self.attempts = 0;
        self.go(State::Identifying, "the SDK is open");
        None
    }

    pub(super) fn identified(&mut self, outcome: Result<Option<BizTid>, Error>) -> Option<Step> {
        let detail = match outcome {
            Ok(Some(biz_tid)) => {
                self.sdk.biz_tid = Some(biz_tid);
                self.go(State::Ready, "the bizTid is known");
                return None;
            }
            Ok(None) => "the module has no bizTid yet".to_string(),
            Err(error @ Error::Failed(Failure::Silent)) => return self.again(&error),
            Err(error) => error.to_string(),
        };
        let delay = self.next_wait();
        self.delay = Some(delay);
        self.ask_again("bizTid", detail, delay);
        None
    }

    /// Tells that a step is tried again.
    fn ask_again(&mut self, step: &'static str, why: String, delay: Duration) {
        let detail = format!("{why}, asking again");
        self.tell(Event::Progress(flows::Progress { step, detail, remaining: Some(delay) }));
    }

    pub(super) fn checked(&mut self, outcome: Result<ErrorFormat, Error>) -> Option<Step> {
        self.doubt = false;
        match outcome {
            Ok(ErrorFormat::Numeric) => self.job = Job::Status,
            Ok(_) => {
                self.booted();
                self.go(
                    State::Synchronising,
                    "the module has its defaults again (CMEE), so it was restarted",
                );
            }
            // It answers, whatever it is.
            Err(Error::Failed(Failure::Refused(_)) | Error::Decode(_)) => self.job = Job::Status,
            // Others are served first, and the next check comes with the next quiet time.
            Err(Error::Failed(Failure::Busy(_))) => self.job = Job::Resting,
            Err(error) => self.go(State::Synchronising, format!("keep-alive: {error}")),
        }
        None
    }

    pub(super) fn is_shut(&mut self) {
        let reason = match &self.closing.outcome {
            Some(Err(error)) => format!("it did not go well: {error}"),
            _ if self.closing.power_off => "the module is off".to_string(),
            _ => "the SDK is closed".to_string(),
        };
        self.go(State::Shut, reason);
    }

    pub(super) fn restarting(&mut self, reply: Result<Reply, Failure>) -> Option<Step> {
        self.delay = Some(BOOT);
        match reply {
            Ok(_) => {
                self.booted();
                self.go(State::Synchronising, "the module restarts");
            }
            Err(failure) => {
                let error = Error::from(failure);
                self.fail(&error);
                self.go(State::Synchronising, format!("the restart was not confirmed: {error}"));
            }
        }
        None
    }
}

/// Not specified; chosen because a busy network and a full queue may pass, and payments do not
/// depend on the product information.
const PRODUCT_INFO_TRIES: u32 = 3;

/// M26AT 3.6.1: a module wants 3 to 5 s after power-on.
const BOOT: Duration = Duration::from_secs(3);
