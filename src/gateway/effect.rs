//! What a call did.

/// What a call did, as far as its answer proves it.
///
/// It speaks of this one call: *not done* for a cancel says that nothing was cancelled, and nothing
/// about the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// What was asked for is done.
    Done,
    /// This call did nothing, and will do nothing.
    NotDone,
    /// It may have been done, or may yet be: ask.
    Unknown,
    /// It began, and waits for the customer.
    Wait,
}
