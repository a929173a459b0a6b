//! Tax that goes back: return.tax.

use std::time::Instant;

use super::fields::Given;
use super::{Answer, UnionPay, code, reply};

impl UnionPay {
    /// 5.6.1. `cardTyoe` is how the table has it.
    pub(super) fn return_tax(&mut self, _: Instant, given: &Given) -> Answer {
        let refund_no = given.get("refundNo");
        let found = self.settings.tax_refunds.iter().find(|refund| refund.refund_no == refund_no);
        let refund = found.ok_or(code::UNKNOWN_NUMBER)?;
        Ok(reply::params([
            ("cardNo", self.symmetric_key.seal(&refund.card_no).into()),
            ("cardTyoe", refund.card_type.to_string().into()),
            ("resp", "00".into()),
        ]))
    }
}
