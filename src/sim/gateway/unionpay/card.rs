//! Industry cards: putIndustryCard.

use std::time::Instant;

use super::fields::Given;
use super::{Answer, UnionPay, code, reply};

/// Whose card it is, of which module, and its number.
pub(super) type CardKey = (usize, String, String);

impl UnionPay {
    /// 5.7.1. A card that is there is not added, and one that is not is neither changed nor deleted;
    /// not specified.
    pub(super) fn put_card(&mut self, _: Instant, given: &Given) -> Answer {
        let user = self.user(given.get("openId"))?;
        let card = (user, given.get("cardModuleId").into(), given.get("bussCardNo").into());
        let there = self.cards.contains(&card);
        match given.get("transTp") {
            "01" if there => return Err(code::NUMBER_USED),
            "01" => drop(self.cards.insert(card)),
            "02" | "03" if !there => return Err(code::UNKNOWN_NUMBER),
            "02" => {}
            "03" => drop(self.cards.remove(&card)),
            _ => return Err(code::BAD_FIELD),
        }
        Ok(reply::params([("resp", "00".into())]))
    }
}
