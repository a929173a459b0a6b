//! Which commands may pass, and why not.

use crate::alipay::Sign;
use crate::at::command::Request;
use crate::engine::{Busy, Failure};
use crate::error::Error;
use crate::session::demand::{self, Demand, Verb};
use crate::session::{Machine, Pass, State};

impl Machine {
    /// Whether a caller's command may be sent now. A signature goes through
    /// [`permit_sign`](Self::permit_sign).
    ///
    /// # Errors
    /// [`Error::NotAllowed`], which says why not and what to do.
    pub fn permit(&mut self, request: &Request) -> Result<Pass, Error> {
        self.check(request, false).map_err(|refusal| refusal.of(request))
    }

    /// The same for a command of a flow or a duty, whose failures are those of an exchange.
    ///
    /// # Errors
    /// [`Busy::NotAllowed`], with what to do.
    pub fn permit_flow(&mut self, request: &Request) -> Result<Pass, Failure> {
        self.check(request, false)
            .map_err(|Refusal { advice, .. }| Failure::Busy(Busy::NotAllowed { advice }))
    }

    /// The same for a signature that [`sign`](Self::sign) has prepared.
    ///
    /// # Errors
    /// As [`permit`](Self::permit).
    pub fn permit_sign(&mut self, request: &Request) -> Result<Pass, Error> {
        self.check(request, true).map_err(|refusal| refusal.of(request))
    }

    /// The signature with the bizTid that it must name.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if there is none yet (spec V1.0, 3.6: a SIGN needs a valid bizTid).
    pub fn sign(&mut self, sign: &Sign) -> Result<Sign, Error> {
        match (self.state, &self.sdk.biz_tid) {
            (State::Ready, Some(biz_tid)) => Ok(sign.clone().for_device(biz_tid.clone())),
            _ => {
                let (reason, advice) = self.not_ready();
                self.health.counters.not_allowed += 1;
                Err(Error::NotAllowed { command: "AT+ALIPAYSIGN".to_string(), reason, advice })
            }
        }
    }

    fn check(&mut self, request: &Request, prepared: bool) -> Result<Pass, Refusal> {
        let demand = Demand::of(request);
        let refusal = demand.verbs.iter().find_map(|verb| self.against(*verb, prepared));
        match refusal {
            None => {
                self.sdk.in_flight.extend(demand.results());
                Ok(self.pass(demand))
            }
            Some((reason, advice)) => {
                self.health.counters.not_allowed += 1;
                Err(Refusal { reason, advice })
            }
        }
    }

    pub(super) fn would_permit(&self, request: &Request) -> bool {
        let demand = Demand::of(request);
        demand.verbs.iter().all(|verb| self.against(*verb, true).is_none())
    }

    /// What there is against a command, and what to do.
    fn against(&self, verb: Verb, prepared: bool) -> Option<(String, &'static str)> {
        let own = |advice| Some(("it is the session's own".to_string(), advice));
        let module = matches!(verb, Verb::Module | Verb::Power);
        match self.state {
            State::Shut if module && self.connected => None,
            State::Shut | State::ShuttingDown if !module => Some((
                "the Alipay SDK is shut".to_string(),
                "it opens again only after a restart of the module: let the session resume",
            )),
            State::Failed if verb == Verb::Module && self.connected => None,
            State::Identifying | State::Ready => match verb {
                Verb::Ask | Verb::Module | Verb::Report => None,
                Verb::Open => own("the SDK is open already, and opens once after every start"),
                Verb::SetConfig => own("let the session reconfigure: it reads first"),
                Verb::Power | Verb::Shut => {
                    own("let the session shut down: it closes the SDK in order")
                }
                Verb::Sign if self.state == State::Ready && !prepared => {
                    own("let the session sign: it expects the device's own bizTid")
                }
                Verb::Behaviour | Verb::DeviceId | Verb::Other | Verb::ProductInfo | Verb::Sign => {
                    (self.state != State::Ready).then(|| self.not_ready())
                }
            },
            _ => Some(self.not_ready()),
        }
    }

    pub(super) fn not_ready(&self) -> (String, &'static str) {
        let advice = match self.state {
            State::Identifying => "the module has no bizTid yet: wait until the session is ready",
            State::Failed => "remove the cause, then let the session resume",
            State::Shut | State::ShuttingDown => {
                "the Alipay SDK is shut: let the session resume, which restarts the module"
            }
            _ => "it is recovering: wait until it is ready",
        };
        (self.why_not(), advice)
    }
}

/// Why a command is not let through, and what to do.
struct Refusal {
    reason: String,
    advice: &'static str,
}

impl Refusal {
    fn of(self, request: &Request) -> Error {
        let Self { reason, advice } = self;
        Error::NotAllowed { command: demand::name(request), reason, advice }
    }
}
