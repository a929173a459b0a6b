//! Where C enters.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::failure::Failure;
use crate::status::{M26PAY_NOTHING, M26PAY_OK, m26pay_status};

/// Does what a function of the interface does. No panic leaves it: C could not catch one.
pub(crate) fn enter(body: impl FnOnce() -> Result<(), Failure>) -> m26pay_status {
    outcome(|| body().map(|()| M26PAY_OK))
}

/// As [`enter`], for what may have nothing to give.
pub(crate) fn give(body: impl FnOnce() -> Result<Option<()>, Failure>) -> m26pay_status {
    outcome(|| body().map(|given| if given.is_some() { M26PAY_OK } else { M26PAY_NOTHING }))
}

/// As [`enter`], for what can succeed in several ways.
#[inline]
pub(crate) fn outcome(body: impl FnOnce() -> Result<m26pay_status, Failure>) -> m26pay_status {
    // What a panic leaves half done is behind a lock, and is good for whoever takes it next.
    let done = catch_unwind(AssertUnwindSafe(|| body().unwrap_or_else(Failure::note)));
    done.unwrap_or_else(|_| Failure::panicked().note())
}
