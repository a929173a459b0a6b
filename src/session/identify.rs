//! The bizTid is asked for until the module has one.

use crate::alipay::{BizTid, DeviceId};
use crate::engine::Failure;
use crate::error::Error;
use crate::flows::{Context, Input};
use crate::session::State;
use crate::session::core::Core;
use crate::session::phase::Turn;

/// [`State::Identifying`].
pub(super) struct Identifying;

impl Identifying {
    pub(super) fn begin(core: &mut Core, cx: &Context<'_>) -> Self {
        if core.attempts == 0 {
            core.announce("bizTid", "asking for it", &DeviceId, cx);
        }
        Self
    }

    pub(super) fn step(&self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        let Input::Reply(reply) = input else { return core.ask(&DeviceId, cx) };
        let outcome = core.answer(&DeviceId, cx, reply);
        Self::end(core, outcome);
        Turn::Over
    }

    fn end(core: &mut Core, outcome: Result<Option<BizTid>, Error>) {
        let detail = match outcome {
            Ok(Some(biz_tid)) => {
                core.sdk.biz_tid = Some(biz_tid);
                return core.go(State::Ready, "the bizTid is known");
            }
            Ok(None) => "the module has no bizTid yet".to_string(),
            Err(error @ Error::Failed(Failure::Silent)) => return core.synchronise_again(&error),
            Err(error) => error.to_string(),
        };
        let delay = Some(core.next_wait());
        core.delay = delay;
        core.progress("bizTid", format!("{detail}, asking again"), delay);
    }
}
