//! What a function returns.

use m26_pay::engine::Certainty;
use m26_pay::error::ErrorKind;
use m26_pay::outbox::{OutboxError, StoreError};

/// What came of a call: `M26PAY_OK`, `M26PAY_NOTHING`, or the number of a failure, which is negative.
/// Later versions may add numbers.
pub type m26pay_status = i32;

/// It succeeded.
pub const M26PAY_OK: m26pay_status = 0;
/// It succeeded, and there is nothing to give: no event came in that time, the device has no bizTid yet.
pub const M26PAY_NOTHING: m26pay_status = 1;

/// A pointer is NULL that must not be.
pub const M26PAY_NULL_POINTER: m26pay_status = -1;
/// The handle was freed, or never given.
pub const M26PAY_STALE_HANDLE: m26pay_status = -2;
/// The handle is of another kind, or the call is not for this kind of module: client, session.
pub const M26PAY_WRONG_KIND: m26pay_status = -3;
/// Another thread is using the handle.
pub const M26PAY_IN_USE: m26pay_status = -4;
/// The call would wait for the thread that makes it: it was made from within a callback.
pub const M26PAY_WRONG_THREAD: m26pay_status = -5;
/// A length or a `size` is not what it can be.
pub const M26PAY_WRONG_LENGTH: m26pay_status = -6;
/// A text is not UTF-8.
pub const M26PAY_NOT_UTF8: m26pay_status = -7;
/// A pointer is not aligned for what it points to.
pub const M26PAY_MISALIGNED: m26pay_status = -8;
/// A number stands for nothing that this version knows.
pub const M26PAY_UNKNOWN_VALUE: m26pay_status = -9;
/// A fault in the library. Please report it.
pub const M26PAY_PANIC: m26pay_status = -10;

/// The command cannot begin now: wait, and send it again.
pub const M26PAY_BUSY: m26pay_status = -20;
/// The port went away.
pub const M26PAY_DISCONNECTED: m26pay_status = -21;
/// The module was reset.
pub const M26PAY_INTERRUPTED: m26pay_status = -22;
/// An argument is not valid, or cannot be sent.
pub const M26PAY_INVALID: m26pay_status = -23;
/// The port failed.
pub const M26PAY_IO: m26pay_status = -24;
/// The answer cannot be read.
pub const M26PAY_MALFORMED: m26pay_status = -25;
/// The answer belongs to another request.
pub const M26PAY_MISMATCH: m26pay_status = -26;
/// The module ended the command with an error.
pub const M26PAY_REFUSED: m26pay_status = -27;
/// The result code of the command is no success.
pub const M26PAY_RESULT: m26pay_status = -28;
/// A deadline passed.
pub const M26PAY_TIMED_OUT: m26pay_status = -29;
/// A failure of a kind that this version does not know.
pub const M26PAY_OTHER: m26pay_status = -39;

/// What was to be kept is NOT on disk. Nothing else has changed.
pub const M26PAY_NOT_SAFE: m26pay_status = -40;
/// The outbox takes no more: what was to be kept is NOT on disk.
pub const M26PAY_LIMIT: m26pay_status = -41;
/// There is no item with this number.
pub const M26PAY_MISSING: m26pay_status = -42;
/// The item is in a state in which this cannot be done.
pub const M26PAY_WRONG_STATE: m26pay_status = -43;
/// Another drain, or a session, sends what is in the outbox already.
pub const M26PAY_DRAINING: m26pay_status = -44;
/// Another program has the file open, or this one has already.
pub const M26PAY_FILE_IN_USE: m26pay_status = -45;
/// The file is damaged, of another kind or of a newer format. It was left as it is.
pub const M26PAY_FILE_UNUSABLE: m26pay_status = -46;
/// The disk is full.
pub const M26PAY_DISK_FULL: m26pay_status = -47;
/// The file cannot be read or written.
pub const M26PAY_FILE_IO: m26pay_status = -48;

/// The code was used already. Nothing was recorded now.
pub const M26PAY_CODE_USED: m26pay_status = -60;
/// The code was not accepted. Nothing was recorded.
pub const M26PAY_CODE_REFUSED: m26pay_status = -61;
/// The decoder of campus codes cannot be used.
pub const M26PAY_DECODER: m26pay_status = -62;

/// What is known of a command that failed. For money this is what matters.
pub type m26pay_certainty = i32;

/// No byte of it was sent: it was not carried out.
pub const M26PAY_CERTAINTY_NOT_SENT: m26pay_certainty = 0;
/// The module says that it did not do it.
pub const M26PAY_CERTAINTY_REFUSED: m26pay_certainty = 1;
/// It may have been carried out.
pub const M26PAY_CERTAINTY_UNKNOWN: m26pay_certainty = 2;

pub(crate) fn of_kind(kind: ErrorKind) -> m26pay_status {
    match kind {
        ErrorKind::Busy => M26PAY_BUSY,
        ErrorKind::Disconnected => M26PAY_DISCONNECTED,
        ErrorKind::Interrupted => M26PAY_INTERRUPTED,
        ErrorKind::Invalid => M26PAY_INVALID,
        ErrorKind::Io => M26PAY_IO,
        ErrorKind::Malformed => M26PAY_MALFORMED,
        ErrorKind::Mismatch => M26PAY_MISMATCH,
        ErrorKind::Refused => M26PAY_REFUSED,
        ErrorKind::Result => M26PAY_RESULT,
        ErrorKind::TimedOut => M26PAY_TIMED_OUT,
        _ => M26PAY_OTHER,
    }
}

pub(crate) fn of_certainty(certainty: Certainty) -> m26pay_certainty {
    match certainty {
        Certainty::NotSent => M26PAY_CERTAINTY_NOT_SENT,
        Certainty::Refused => M26PAY_CERTAINTY_REFUSED,
        Certainty::Unknown => M26PAY_CERTAINTY_UNKNOWN,
    }
}

/// The number of an outbox's error.
pub(crate) fn of_outbox(error: &OutboxError) -> m26pay_status {
    match error {
        OutboxError::Draining => M26PAY_DRAINING,
        OutboxError::Limit { .. } => M26PAY_LIMIT,
        OutboxError::Missing { .. } => M26PAY_MISSING,
        OutboxError::NotSafe { .. } => M26PAY_NOT_SAFE,
        OutboxError::State { .. } => M26PAY_WRONG_STATE,
        OutboxError::Open { source, .. } | OutboxError::Store(source) => of_store(source),
        _ => M26PAY_OTHER,
    }
}

/// The number of a store's error.
pub(crate) fn of_store(error: &StoreError) -> m26pay_status {
    match error {
        StoreError::Damaged { .. } | StoreError::Newer { .. } | StoreError::NotOurs { .. } => {
            M26PAY_FILE_UNUSABLE
        }
        StoreError::Full(_) => M26PAY_DISK_FULL,
        StoreError::InUse => M26PAY_FILE_IN_USE,
        _ => M26PAY_FILE_IO,
    }
}
