//! What a simulated Alipay is like.

use std::time::Duration;

use super::Customer;

/// What a simulated Alipay is like.
///
/// Where the documents leave something open, a setting says how this gateway does it, so that a
/// client can be tried against each.
#[derive(Clone, Debug)]
pub struct AlipaySettings {
    /// How long after the payment a trade can be cancelled: 24 hours (facts 2.2); then it answers
    /// ACQ.TRADE_CANCEL_TIME_OUT.
    pub cancel_for: Duration,
    /// Whether the cancel of a precreated order that nobody has scanned withdraws its QR code and
    /// answers `close`. If not, it answers 10000 without an action, and the code can still be
    /// paid. Not specified; true, because a till would otherwise have to wait for two hours.
    pub cancel_withdraws: bool,
    /// The wall clock at the first call, in Unix seconds.
    pub clock: u64,
    /// How long a payment code is taken after it was first seen. Not specified; chosen because the
    /// customer's screen shows another one after a minute.
    pub code_for: Duration,
    /// Who is asked for the money.
    pub customer: Customer,
    /// How long after the payment a trade can be refunded; then it is TRADE_FINISHED. Not
    /// specified; chosen because three months are usual.
    pub refund_for: Duration,
    /// Whether a pay that the customer refuses at once leaves a closed trade. If not, there is no
    /// trade, and a query says TRADE_NOT_EXIST. Not specified.
    pub refused_leaves_trade: bool,
    /// How long after a precreate the customer scans the code. Nobody does if there is no time.
    pub scanned_after: Option<Duration>,
    /// Whether the merchant's account has nothing to give back: cancels and refunds of what was
    /// paid answer ACQ.SELLER_BALANCE_NOT_ENOUGH.
    pub seller_is_broke: bool,
    /// How many trades are remembered, and how many payment codes. A pay beyond answers 40005 and
    /// does nothing.
    pub trades: usize,
}

impl Default for AlipaySettings {
    fn default() -> Self {
        Self {
            cancel_for: Duration::from_secs(24 * 3600),
            cancel_withdraws: true,
            // 2026-11-29 21:00:00 in Beijing.
            clock: 1_795_957_200,
            code_for: Duration::from_secs(60),
            customer: Customer::Pays(Duration::ZERO),
            refund_for: Duration::from_secs(90 * 24 * 3600),
            refused_leaves_trade: true,
            scanned_after: Some(Duration::from_secs(3)),
            seller_is_broke: false,
            trades: 100_000,
        }
    }
}
