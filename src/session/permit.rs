//! Which commands may pass, and why not.

use crate::at::command::Request;
use crate::engine::{ExchangeError, SubmitError};
use crate::error::Error;
use crate::session::core::{Core, later};
use crate::session::demand::{Demand, Verb};
use crate::session::{Pass, State};

impl Core {
    /// Whether a command may be sent now. The request of a signature is changed so that an
    /// outstanding one is not taken for its answer.
    pub(super) fn permit(&mut self, request: &mut Request) -> Result<Pass, NotAllowed> {
        let demand = Demand::of(request);
        let refusal = demand.verbs.iter().find_map(|verb| self.against(*verb));
        match refusal {
            None => {
                let results = demand.results().map(|prefix| (prefix, request.clone()));
                self.sdk.in_flight.extend(results);
                if let Some(asked_after) = self.sdk.asked_after.filter(|_| demand.signs()) {
                    *request = request.clone().newer_than(asked_after);
                }
                let result = request.awaited().map(|result| result.deadline.after);
                Ok(Pass {
                    era: self.era,
                    demand,
                    request: request.clone(),
                    biz_tid: self.sdk.biz_tid.clone(),
                    asked_after: self.sdk.asked_after.filter(|_| self.sdk.strangers),
                    due: later(self.now, request.longest()),
                    result_within: result.unwrap_or_default(),
                })
            }
            Some((reason, advice)) => {
                self.health.counters.not_allowed += 1;
                Err(NotAllowed { command: request.summary(), reason, advice })
            }
        }
    }

    pub(super) fn would_permit(&self, request: &Request) -> bool {
        let demand = Demand::of(request);
        demand.verbs.iter().all(|verb| self.against(*verb).is_none())
    }

    /// Why a command is not allowed, and what to do.
    fn against(&self, verb: Verb) -> Option<(String, &'static str)> {
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
                Verb::SetConfig => own("call reconfigure"),
                Verb::Power | Verb::Shut => own("call shut_down, which closes the SDK in order"),
                Verb::Usage | Verb::DeviceId | Verb::Other | Verb::ProductInfo | Verb::Sign => {
                    (self.state != State::Ready).then(|| self.not_ready())
                }
            },
            _ => Some(self.not_ready()),
        }
    }

    /// Whether the session is ready, and why not.
    pub(super) fn ready(&self) -> Result<(), Error> {
        if self.state == State::Ready {
            return Ok(());
        }
        let (reason, advice) = self.not_ready();
        Err(Error::NotAllowed { command: "the next command".to_string(), reason, advice })
    }

    /// The state of the session and its last error, for a message.
    pub(super) fn why_not(&self) -> String {
        match &self.health.last_error {
            Some(error) if self.state.is_recovering() || self.state == State::Failed => {
                format!("the session is {} (last error: {error})", self.state)
            }
            _ => format!("the session is {}", self.state),
        }
    }

    /// Why the session is not ready, and what to do.
    pub(super) fn not_ready(&self) -> (String, &'static str) {
        let advice = match self.state {
            State::Identifying if self.sdk.biz_tid.is_some() => {
                "an earlier signature is outstanding and could be taken for the next one: wait until the session is ready"
            }
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

/// Why a command is not allowed. No byte of it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAllowed {
    /// The command, without its arguments.
    pub command: String,
    /// Why not. It holds no secret.
    pub reason: String,
    /// What to do.
    pub advice: &'static str,
}

impl From<NotAllowed> for Error {
    fn from(NotAllowed { command, reason, advice }: NotAllowed) -> Self {
        Self::NotAllowed { command, reason, advice }
    }
}

impl From<NotAllowed> for ExchangeError {
    /// For flows and duties, which get the failure of a command as that of an exchange.
    fn from(NotAllowed { advice, .. }: NotAllowed) -> Self {
        Self::Busy(SubmitError::NotAllowed { advice })
    }
}
