//! The user's payment password: verifyPwdSeqId, and what came of it.

use std::fmt;
use std::time::Instant;

use super::fields::Given;
use super::{Answer, CallName, SignedNotice, UnionPay, code, reply};

/// A password that was asked for.
pub(super) struct Question {
    trans_no: String,
    open_id: String,
    biz_order_id: String,
    biz_type: String,
    merchant_id: String,
}

impl UnionPay {
    /// 5.3.1. A number that was used is refused; not specified, but it has to be unique.
    pub(super) fn ask_password(&mut self, now: Instant, given: &Given) -> Answer {
        self.consent(now, given)?;
        let text = |name: &str| given.get(name).to_owned();
        let biz_order_id = text("bizOrderId");
        if !self.is_new(CallName::VerifyPwdSeqId, &biz_order_id) {
            return Err(code::PASSWORD);
        }
        let trans_no = format!("{:032X}", self.rng.u128(..));
        self.questions.push(Question {
            trans_no: trans_no.clone(),
            open_id: text("openId"),
            biz_order_id,
            biz_type: text("bizType"),
            merchant_id: text("merchantId"),
        });
        Ok(reply::params([("transNo", trans_no.into())]))
    }

    /// The user types the right password: the notification of it (5.3.2). Nothing, if nobody was
    /// asked with this number.
    pub fn enter_password(&mut self, now: Instant, trans_no: &str) -> Option<SignedNotice> {
        let now = self.advance(now);
        let question = self.questions.iter().find(|it| it.trans_no == trans_no)?;
        let fields = [
            ("bizOrderId", question.biz_order_id.clone()),
            ("bizType", question.biz_type.clone()),
            ("merchantId", question.merchant_id.clone()),
            ("openId", question.open_id.clone()),
            ("transNo", question.trans_no.clone()),
        ];
        Some(self.notice(now, fields))
    }
}

/// Without numbers.
impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Question(redacted)")
    }
}
