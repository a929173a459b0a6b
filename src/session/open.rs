//! The SDK is opened, and told how the product verifies its customers.

use std::time::{Duration, Instant};

use crate::alipay::{Open, Opened, ProductInfo, ReportStatus};
use crate::at::command::{Command as _, DecodeError};
use crate::at::field::Shape;
use crate::engine::ExchangeError;
use crate::error::{Error, ErrorKind};
use crate::flows::{Context, Input};
use crate::m26::At;
use crate::session::core::{Core, later};
use crate::session::phase::Turn;
use crate::session::{MachineStep, Notice, State, Unanswered, Warning};

/// [`State::Opening`].
pub(super) enum Opening {
    Sdk,
    /// The engine is told that reports of an earlier program may still be answered.
    Quarantining,
    /// The product information is reported, in this attempt.
    ProductInfo(u32),
    /// The next attempt begins at this time, and has this number.
    Pausing(Instant, u32),
}

impl Opening {
    pub(super) fn begin(core: &mut Core, cx: &Context<'_>) -> Self {
        core.announce("SDK", "opening it", &Open, cx);
        Self::Sdk
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match (&*self, input) {
            (Self::Sdk, Input::Reply(reply)) => {
                let outcome = core.answer(&Open, cx, reply);
                self.opened(core, cx, outcome)
            }
            (Self::Sdk, _) => {
                let earlier = core.plan.earlier.lost_after(core.plan.settle);
                match earlier.filter(|_| !core.sdk.known) {
                    Some(lost) => {
                        let until = later(core.first_answered.unwrap_or(cx.now), lost);
                        core.ask_with(&Open, cx, |request| request.asked_earlier(until))
                    }
                    None => core.ask(&Open, cx),
                }
            }
            (Self::Quarantining, Input::Reply(reply)) => match core.answer(&At, cx, reply) {
                Ok(()) => {
                    core.sdk.known = true;
                    core.sdk.block_reports();
                    *self = Self::ProductInfo(1);
                    self.product_info(core, cx, 1, Input::Begin)
                }
                Err(error) => {
                    core.synchronise_again(&error);
                    Turn::Over
                }
            },
            (Self::Quarantining, _) => Self::quarantine(core, cx),
            (Self::ProductInfo(tried), input) => {
                let tried = *tried;
                self.product_info(core, cx, tried, input)
            }
            (Self::Pausing(until, _), _) if *until > cx.now => {
                Turn::Want(MachineStep::Rest(Some(*until)))
            }
            (Self::Pausing(_, tried), _) => {
                let tried = *tried;
                *self = Self::ProductInfo(tried);
                self.product_info(core, cx, tried, Input::Begin)
            }
        }
    }

    fn opened(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
        outcome: Result<Opened, Error>,
    ) -> Turn {
        match outcome {
            Ok(Opened::Already) if core.sdk.suspect => {
                core.restart("the SDK is open and says that it is not initialised".to_string());
            }
            Ok(opened) => {
                core.sdk.running = true;
                core.notice(Notice::Opened { fresh: opened == Opened::Now });
                let earlier = core.plan.earlier.answered_within().filter(|_| !core.sdk.known);
                match (opened, earlier) {
                    (Opened::Now, _) => core.sdk.product_info_reported = false,
                    (Opened::Already, Some(within)) => {
                        // What an earlier program asked may still be answered.
                        core.sdk
                            .expect_stranger(later(core.first_answered.unwrap_or(cx.now), within));
                        if core.unanswered != Unanswered::Nothing {
                            *self = Self::Quarantining;
                            return Self::quarantine(core, cx);
                        }
                    }
                    (Opened::Already, None) => {}
                }
                core.sdk.known = true;
                *self = Self::ProductInfo(1);
                return self.product_info(core, cx, 1, Input::Begin);
            }
            // After a failure, and after a SHUT, the module must be restarted (spec V1.0, 3.2).
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Result) => {
                core.restart(error.to_string());
            }
            Err(error) => core.synchronise_again(&error),
        }
        Turn::Over
    }

    fn quarantine(core: &mut Core, cx: &Context<'_>) -> Turn {
        let reports = vec![("+ALIPAYREP", Shape::Fields(1))];
        core.ask_with(&At, cx, |request| request.may_cause(reports))
    }

    fn product_info(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
        tried: u32,
        input: Input,
    ) -> Turn {
        let Some(human_verify) = core.plan.human_verify.filter(|_| !core.sdk.product_info_reported)
        else {
            return Self::end(core);
        };
        let info = match ProductInfo::new(human_verify) {
            Ok(info) => info,
            Err(error) => return Self::without_product_info(core, &error.into()),
        };
        let Input::Reply(reply) = input else {
            return match info.request(cx.profile) {
                Ok(request) => Turn::Want(MachineStep::Send(request.timeout(Some(PRODUCT_INFO)))),
                Err(error) => Self::without_product_info(core, &error.into()),
            };
        };
        let error = match core.answer(&info, cx, reply) {
            Ok(_) => {
                core.sdk.product_info_reported = true;
                return Self::end(core);
            }
            Err(error) => error,
        };
        match &error {
            Error::Decode(DecodeError::Result { code, .. })
                if *code == ReportStatus::NOT_INITIALISED.0 =>
            {
                core.restart(error.to_string());
                Turn::Over
            }
            Error::Failed(ExchangeError::Silent) => {
                core.synchronise_again(&error);
                Turn::Over
            }
            Error::Decode(DecodeError::Result { code, .. })
                if *code == ReportStatus::PARAMETER.0 =>
            {
                Self::without_product_info(core, &error)
            }
            Error::Failed(ExchangeError::TimedOut { .. }) => {
                Self::without_product_info(core, &error)
            }
            _ if tried >= PRODUCT_INFO_TRIES => Self::without_product_info(core, &error),
            _ => {
                let delay = PRODUCT_INFO_WAIT;
                core.progress("product information", format!("{error}, asking again"), Some(delay));
                let until = cx.now.checked_add(delay).unwrap_or(cx.now);
                *self = Self::Pausing(until, tried + 1);
                Turn::Want(MachineStep::Rest(Some(until)))
            }
        }
    }

    /// The product information was not reported. Payments do not depend on it.
    fn without_product_info(core: &mut Core, error: &Error) -> Turn {
        core.warn(Warning::ProductInfo { error: error.to_string() });
        Self::end(core)
    }

    fn end(core: &mut Core) -> Turn {
        core.attempts = 0;
        core.go(State::Identifying, "the SDK is open");
        Turn::Over
    }
}

/// Not specified; chosen because no customer should wait for what no payment needs. The product
/// information is reported again at the next bring-up.
const PRODUCT_INFO: Duration = Duration::from_secs(4);

/// Not specified; chosen because a busy network or a full queue may be over after a moment, and
/// payments do not depend on the product information.
const PRODUCT_INFO_TRIES: u32 = 3;

/// Not specified; chosen because customers wait meanwhile.
const PRODUCT_INFO_WAIT: Duration = Duration::from_secs(1);
