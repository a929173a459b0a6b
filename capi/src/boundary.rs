//! Where C enters.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::failure::Failure;
use crate::status::{M26PAY_NOTHING, M26PAY_OK, m26pay_status};

/// Does what a function of the interface does. No panic leaves it: C could not catch one.
pub(crate) fn enter(body: impl FnOnce() -> Result<(), Failure>) -> m26pay_status {
    give(|| body().map(Some))
}

/// As [`enter`], for what may have nothing to give.
pub(crate) fn give(body: impl FnOnce() -> Result<Option<()>, Failure>) -> m26pay_status {
    // What a panic leaves half done is behind a lock, and is good for whoever takes it next.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(Some(()))) => M26PAY_OK,
        Ok(Ok(None)) => M26PAY_NOTHING,
        Ok(Err(failure)) => failure.note(),
        Err(_) => Failure::panicked().note(),
    }
}
