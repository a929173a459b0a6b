//! [`Phase`]: the work of each state, which has a file of its own.

use std::time::Instant;

use crate::flows::{Context, Input};
use crate::session::bring_up::BringingUp;
use crate::session::configure::Configuring;
use crate::session::connect::Connecting;
use crate::session::core::Core;
use crate::session::identify::Identifying;
use crate::session::open::Opening;
use crate::session::ready::Serving;
use crate::session::restart::Restarting;
use crate::session::shut_down::ShuttingDown;
use crate::session::synchronise::Synchronising;
use crate::session::{MachineStep, State};

/// The work of the current state.
#[allow(clippy::large_enum_variant, reason = "one phase is alive at a time")]
pub(super) enum Phase {
    /// It has not begun.
    Idle,
    /// It begins at this time.
    Pausing(Instant),
    Connecting(Connecting),
    Synchronising(Synchronising),
    BringingUp(BringingUp),
    Configuring(Configuring),
    Opening(Opening),
    Identifying(Identifying),
    Serving(Serving),
    Restarting(Restarting),
    ShuttingDown(ShuttingDown),
    /// There is none: the caller has to act.
    Still,
}

/// What a phase asks for.
#[allow(clippy::large_enum_variant, reason = "one step is alive at a time")]
#[must_use]
pub(super) enum Turn {
    /// The driver does this, and comes back with the outcome.
    Want(MachineStep),
    /// Nothing more. The work of the state begins; the state may have changed.
    Over,
}

impl Phase {
    /// Begins the work of the state.
    pub(super) fn begin(core: &mut Core, cx: &Context<'_>) -> Self {
        if let Some(delay) = core.delay.take() {
            return Self::Pausing(cx.now.checked_add(delay).unwrap_or(cx.now));
        }
        match core.state {
            State::Disconnected | State::Connecting => Self::Connecting(Connecting::begin(core)),
            State::Synchronising => Self::Synchronising(Synchronising::begin(core)),
            State::BringingUp => Self::BringingUp(BringingUp::begin(core, cx)),
            State::Configuring => Self::Configuring(Configuring::begin(core)),
            State::Opening => Self::Opening(Opening::begin(core, cx)),
            State::Identifying => Self::Identifying(Identifying::begin(core, cx)),
            State::Ready => Self::Serving(Serving::begin(core)),
            State::Restarting { .. } => Self::Restarting(Restarting::begin()),
            State::ShuttingDown => Self::ShuttingDown(ShuttingDown::begin(core)),
            State::Shut | State::Failed => Self::Still,
        }
    }

    /// One step of the work.
    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match self {
            Self::Idle => Turn::Over,
            Self::Pausing(until) if *until <= cx.now => Turn::Over,
            Self::Pausing(until) => Turn::Want(MachineStep::Rest(Some(*until))),
            Self::Connecting(phase) => phase.step(),
            Self::Synchronising(phase) => phase.step(core, cx, input),
            Self::BringingUp(phase) => phase.step(core, cx, input),
            Self::Configuring(phase) => phase.step(core, cx, input),
            Self::Opening(phase) => phase.step(core, cx, input),
            Self::Identifying(phase) => phase.step(core, cx, input),
            Self::Serving(phase) => phase.step(core, cx, input),
            Self::Restarting(phase) => phase.step(core, cx, input),
            Self::ShuttingDown(phase) => phase.step(core, cx, input),
            Self::Still => Turn::Want(MachineStep::Rest(None)),
        }
    }

    /// Whether it begins only when no command of a duty is under way, so that everything the module
    /// took is saved when the SDK is closed.
    pub(super) fn waits_for_duties(&self) -> bool {
        matches!(
            self,
            Self::Restarting(Restarting::Waiting) | Self::ShuttingDown(ShuttingDown::Waiting)
        )
    }

    /// Whether it only waits, so that duties may work.
    pub(super) fn is_resting(&self) -> bool {
        matches!(self, Self::Serving(Serving::Resting) | Self::Still) || self.waits_for_duties()
    }
}
