//! Draws: qual.select, qual.send, qual.reduce.

use std::time::Instant;

use serde_json::Value;

use super::code::Code;
use super::fields::Given;
use super::red_packet::digits;
use super::reply::{Params, params};
use super::{Answer, CallName, Prize, UnionPay, code};

/// Who may draw: by which kind of name, and its value.
pub(super) type Holder = (String, String);

/// The last day and the first, as `qualMap` has them.
pub(super) type Span = (u64, u64);

impl UnionPay {
    /// 5.8.3.
    pub(super) fn chances(&mut self, _: Instant, given: &Given) -> Answer {
        let holder = self.holder(given)?;
        let chances = self.chances.get(&holder);
        let spans = chances
            .into_iter()
            .flatten()
            .map(|((end, begin), count)| (format!("{end:08}_{begin:08}"), Value::from(*count)));
        Ok(params([("qualMap", Value::Object(spans.collect()))]))
    }

    /// 5.8.4. A number that was used is refused; not specified, but it has to be unique.
    pub(super) fn give_chances(&mut self, _: Instant, given: &Given) -> Answer {
        let holder = self.holder(given)?;
        let count = digits(given.get("count"))?;
        let (begin, end) = (digits(given.get("startDate"))?, digits(given.get("endDate"))?);
        let is_day = |day: u64| (10_000_101..=99_991_231).contains(&day);
        if count == 0 || end < begin || !is_day(begin) || !is_day(end) {
            return Err(code::BAD_FIELD);
        }
        if !self.is_new(CallName::QualSend, given.get("transNumber")) {
            return Err(code::NUMBER_USED);
        }
        let chances = self.chances.entry(holder).or_default().entry((end, begin)).or_default();
        *chances = chances.saturating_add(count);
        Ok(params([("resp", "00".into())]))
    }

    /// 5.8.5.
    pub(super) fn draw(&mut self, now: Instant, given: &Given) -> Answer {
        let holder = self.holder(given)?;
        if given.get("activityNumber") != self.settings.activity_number {
            return Err(code::UNKNOWN_NUMBER);
        }
        if !given.get("orderAmount").is_empty() {
            digits(given.get("orderAmount"))?;
        }
        if !self.is_new(CallName::QualReduce, given.get("transNumber")) {
            return Err(code::NUMBER_USED);
        }
        let today = u64::from(super::beijing::day(self.unix(now)));
        let spans = self.chances.entry(holder).or_default();
        // The first to end goes first.
        let open = spans.iter_mut();
        let mut open = open.filter(|((end, begin), n)| (*begin..=*end).contains(&today) && **n > 0);
        let (_, chances) = open.next().ok_or(code::NO_CHANCE)?;
        let award = self.settings.award.clone();
        let given_away = match &award {
            Prize::RedPacket(amount) if *amount > self.settings.ins_balance => None,
            Prize::RedPacket(amount) => Some(("06", amount.0.to_string())),
            Prize::Coupon(..) => Some(("07", "1".to_owned())),
            Prize::Empty => None,
        };
        let (award_type, award_value) = given_away.ok_or(code::AWARD_BUDGET)?;
        *chances -= 1;
        self.truth.draws += 1;
        if let Prize::RedPacket(amount) = award {
            self.pay_out(amount);
        }
        let mut info = params([
            ("activityName", "测试活动".into()),
            ("activityNumber", given.get("activityNumber").into()),
            ("awardName", "测试奖项".into()),
            ("awardType", award_type.into()),
            ("awardValue", award_value.into()),
        ]);
        if let Prize::Coupon(id, name) = award {
            info.insert("extAcctId".into(), id.into());
            info.insert("extAcctName".into(), name.into());
        }
        Ok(self.drawn(now, given, info))
    }

    fn drawn(&self, now: Instant, given: &Given, info: Params) -> Params {
        params([
            ("awardInfo", Value::Object(info)),
            ("resp", "00".into()),
            ("respTime", self.beijing(now).into()),
            ("transNumber", given.get("transNumber").into()),
        ])
    }

    fn holder(&self, given: &Given) -> Result<Holder, Code> {
        if given.get("qualNum") != self.settings.qual_num {
            return Err(code::UNKNOWN_NUMBER);
        }
        match given.get("qualType") {
            kind @ ("card_no" | "mobile" | "open_id") => {
                Ok((kind.into(), given.get("qualValue").into()))
            }
            _ => Err(code::BAD_FIELD),
        }
    }
}
