//! AT+CPIN?.

use m26_pay::m26::{ReadSim, SimState};

use crate::memory::{m26pay_memory, m26pay_string};
use crate::module::{ask, m26pay_module};
use crate::status::m26pay_status;
use crate::text::m26pay_str;

/// The state of a SIM.
pub type m26pay_sim_state = i32;

/// No PIN or PUK is needed.
pub const M26PAY_SIM_READY: m26pay_sim_state = 0;
/// There is none.
pub const M26PAY_SIM_NOT_INSERTED: m26pay_sim_state = 1;
/// It has not come up yet.
pub const M26PAY_SIM_NOT_READY: m26pay_sim_state = 2;
/// It waits for its PIN.
pub const M26PAY_SIM_PIN: m26pay_sim_state = 3;
/// It waits for its second PIN.
pub const M26PAY_SIM_PIN2: m26pay_sim_state = 4;
/// It waits for its PUK.
pub const M26PAY_SIM_PUK: m26pay_sim_state = 5;
/// It waits for its second PUK.
pub const M26PAY_SIM_PUK2: m26pay_sim_state = 6;
/// The text says which.
pub const M26PAY_SIM_OTHER: m26pay_sim_state = 7;

/// The state of the SIM. `memory` is to be freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_sim {
    /// The state.
    pub state: m26pay_sim_state,
    /// The text of the line, such as "SIM PIN".
    pub text: m26pay_str,
    /// Where it lives.
    pub memory: m26pay_memory,
}

/// AT+CPIN?: the state of the SIM. `sim->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_sim(
    module: m26pay_module,
    sim: *mut m26pay_sim,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "sim", sim, ReadSim, |state| m26pay_sim::from(&state)) }
}

impl From<&SimState<'_>> for m26pay_sim {
    fn from(state: &SimState<'_>) -> Self {
        let string = m26pay_string::new(state.as_str());
        let state = match state {
            SimState::Ready => M26PAY_SIM_READY,
            SimState::NotInserted => M26PAY_SIM_NOT_INSERTED,
            SimState::NotReady => M26PAY_SIM_NOT_READY,
            SimState::PinRequired => M26PAY_SIM_PIN,
            SimState::Pin2Required => M26PAY_SIM_PIN2,
            SimState::PukRequired => M26PAY_SIM_PUK,
            SimState::Puk2Required => M26PAY_SIM_PUK2,
            _ => M26PAY_SIM_OTHER,
        };
        Self { state, text: string.text, memory: string.memory }
    }
}
