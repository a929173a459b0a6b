//! The cashier's stop.

use m26_pay::gateway::Stop;

use crate::boundary::enter;
use crate::failure::Failure;
use crate::pointer::Out;
use crate::registry;
use crate::status::m26pay_status;

/// The cashier's stop: given to a payment, and pressed from any other thread. It stays pressed, so each sale
/// has a new one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_stop {
    /// For the library. 0 is no stop.
    pub id: u64,
}

/// Makes one that is not pressed. `stop` is to be freed by `m26pay_stop_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_stop_new(stop: *mut m26pay_stop) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("stop", stop) }?;
        to.write(m26pay_stop { id: registry::add(Button(Stop::new())).get() });
        Ok(())
    })
}

/// Gives up: a payment that is not paid yet is cancelled, and for a refund nobody waits any more. What came of
/// it is in the receipt all the same. From any thread, a callback's too; not from a signal handler.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_stop_press(stop: m26pay_stop) -> m26pay_status {
    enter(|| {
        registry::get::<Button>(stop.id)?.0.press();
        Ok(())
    })
}

/// Frees a stop. What it was given to goes on. No stop (`id` 0) is freed as NULL is by `free`: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_stop_free(stop: m26pay_stop) -> m26pay_status {
    enter(|| registry::free::<Button>(stop.id))
}

struct Button(Stop);

/// The stop of a call; without one (`id` 0), one that nobody presses.
pub(super) fn given(stop: m26pay_stop) -> Result<Stop, Failure> {
    match stop.id {
        0 => Ok(Stop::new()),
        id => Ok(registry::get::<Button>(id)?.0.clone()),
    }
}
