//! The clock that a decoder is given.

use std::panic::catch_unwind;
use std::sync::OnceLock;

use crate::advice::{self, Advice};
use crate::unix_time::{self, UnixMillis};

/// What a decoder calls for the time, in milliseconds since 1970: `alipay_get_sys_time` in
/// `os_adapter_layer_handler` (spec, 6). It may be called from any thread, with the address of a
/// number or a null pointer.
pub type ClockFunction = unsafe extern "C" fn(time_now: *mut u64);

/// Has all decoders of this process ask `clock` for the time, instead of the host's wall clock.
///
/// It is called while a code is decoded, so it must not decode one itself.
///
/// ```no_run
/// use m26_pay::unix_time::UnixMillis;
///
/// m26_pay::campus::vendor::set_clock(|| UnixMillis(1_589_774_400_000))?;
/// # Ok::<(), m26_pay::campus::vendor::ClockError>(())
/// ```
///
/// # Errors
/// If a decoder has a clock already: a clock is registered once in a process, and not taken back.
pub fn set_clock(clock: fn() -> UnixMillis) -> Result<(), ClockError> {
    CLOCK.set(clock).map_err(|_| ClockError)
}

/// A decoder has a clock already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clock of the decoders is registered already, once for the process: set it before the first decoder is loaded"
)]
pub struct ClockError;

impl ClockError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::CLOCK_REGISTERED
    }
}

/// The function to be registered. From now on the clock stays what it is.
pub(super) fn function() -> ClockFunction {
    CLOCK.get_or_init(|| host);
    tell_time
}

/// Called from C, so no panic may leave it.
///
/// # Safety
/// `time_now` must be null or the address of memory for a `u64`.
unsafe extern "C" fn tell_time(time_now: *mut u64) {
    let time = catch_unwind(|| CLOCK.get_or_init(|| host)()).unwrap_or(NEVER);
    // Before 1970 it was never set.
    let time = u64::try_from(time.0).unwrap_or(NEVER.0 as u64);
    if !time_now.is_null() {
        // SAFETY: the decoder passes the address of a uint64_t of its own for the time of the call
        // (spec, 6), and it is not null. Nothing is said of its alignment, so none is relied on.
        unsafe { time_now.write_unaligned(time) };
    }
}

fn host() -> UnixMillis {
    unix_time::now().unwrap_or(NEVER)
}

static CLOCK: OnceLock<fn() -> UnixMillis> = OnceLock::new();

/// The answer if there is no time: so late that every code has expired, and not before 1970 if it
/// is read as a signed number.
const NEVER: UnixMillis = UnixMillis::MAX;
