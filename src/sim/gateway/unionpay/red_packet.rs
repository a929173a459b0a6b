//! Red packets: red.packet.give, red.packet.select.

use std::time::Instant;

use super::code::Code;
use super::fields::Given;
use super::{Answer, CallName, UnionPay, code, reply};
use crate::sim::gateway::Fen;

impl UnionPay {
    /// 5.8.1. It answers success where the account has not enough, and gives nothing then (7.10
    /// note 1).
    pub(super) fn give_packet(&mut self, _: Instant, given: &Given) -> Answer {
        self.check_account(given)?;
        if ["openId", "mobile", "pan"].iter().all(|name| given.get(name).is_empty()) {
            return Err(code::BAD_FIELD);
        }
        if !given.get("openId").is_empty() {
            self.user(given.get("openId"))?;
        }
        let amount = Fen(digits(given.get("pointAt"))?);
        let is_new = self.is_new(CallName::RedPacketGive, given.get("transNumber"));
        if is_new || !self.settings.trans_number_is_once {
            self.pay_out(amount);
        }
        Ok(reply::params([("resp", "00".into())]))
    }

    /// 5.8.2.
    pub(super) fn packet_account(&mut self, _: Instant, given: &Given) -> Answer {
        self.check_account(given)?;
        let (day, time) = (given.get("transDt"), given.get("transTm"));
        digits(day)?;
        digits(time)?;
        if day.len() != 8 || time.len() != 14 || !time.starts_with(day) {
            return Err(code::BAD_FIELD);
        }
        let sealed = |text: &str| self.symmetric_key.seal(text).into();
        Ok(reply::params([
            ("acctBalance", sealed(&self.settings.ins_balance.0.to_string())),
            // What its values mean is not said.
            ("acctSt", sealed("1")),
            ("validBeginDtTm", "20260101000000".into()),
            ("validEndDtTm", "20271231235959".into()),
        ]))
    }

    /// Takes a red packet out of the account, if there is enough in it.
    pub(super) fn pay_out(&mut self, amount: Fen) -> bool {
        let balance = &mut self.settings.ins_balance;
        let enough = *balance >= amount;
        if enough {
            *balance = *balance - amount;
            self.truth.packets += 1;
            self.truth.given = self.truth.given + amount;
        }
        enough
    }

    fn check_account(&self, given: &Given) -> Result<(), Code> {
        match given.get("insAcctId") {
            id if id.len() != 18 => Err(code::BAD_FIELD),
            id if id != self.settings.ins_acct_id => Err(code::UNKNOWN_NUMBER),
            _ => Ok(()),
        }
    }
}

/// A number without a sign.
pub(super) fn digits(text: &str) -> Result<u64, Code> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(code::BAD_FIELD)
}
