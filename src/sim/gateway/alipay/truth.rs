//! Where the money is, whatever was answered.

use crate::sim::gateway::Fen;

/// What is true of an order.
///
/// It is the truth of the moment: while [`open`](Self::open) is set, or a call is still under way
/// in the [`AlipayLine`](super::AlipayLine), it may change.
/// [`run_out`](super::AlipayLine::run_out) brings everything to its end.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Truth {
    /// How often the customer was charged. More than once is a fault of somebody's.
    pub charges: u32,
    /// How much that was, whatever has gone back.
    pub charged: Fen,
    /// What the merchant has of it.
    pub kept: Fen,
    /// Whether the customer can still pay.
    pub open: bool,
}

impl Truth {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            charges: self.charges + other.charges,
            charged: self.charged + other.charged,
            kept: self.kept + other.kept,
            open: self.open || other.open,
        }
    }
}
