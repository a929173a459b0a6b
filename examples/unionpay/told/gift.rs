//! Messages, cards, red packets and draws.

use m26_pay::gateway::Fields;
use m26_pay::gateway::unionpay::{
    AwardInfo, Chances, ChancesAccepted, Draw, IndustryCardPut, MessageAccepted, NewMsgPush,
    PutIndustryCard, QualReduce, QualSelect, QualSend, RedPacketAccepted, RedPacketAccount,
    RedPacketGive, RedPacketSelect, ReturnTax, TaxRefundCard,
};
use m26_pay::secret::Secret;
use serde_json::{Map, Value};

use super::{ACCEPTED, Said, Told, beijing};

impl Told for NewMsgPush {
    const READS: bool = false;

    fn tell(_: &MessageAccepted, fields: &Fields) -> Said {
        let said = Said::new().copied(fields, "appId").copied(fields, "openId");
        said.copied(fields, "resultCd").remark("accepted: whether it was read is not said")
    }
}

impl Told for ReturnTax {
    const READS: bool = true;

    fn tell(answer: &TaxRefundCard, fields: &Fields) -> Said {
        let card_type = answer.card_type.as_ref().map(|it| it.as_str());
        Said::new()
            .with("cardNo", clear(answer.card_no.as_ref()))
            .with("cardType", card_type)
            .copied(fields, "resp")
    }
}

impl Told for PutIndustryCard {
    const READS: bool = false;

    fn tell(_: &IndustryCardPut, fields: &Fields) -> Said {
        Said::new().copied(fields, "resp").remark("done")
    }
}

impl Told for RedPacketGive {
    const READS: bool = false;

    fn tell(_: &RedPacketAccepted, fields: &Fields) -> Said {
        Said::new().copied(fields, "resp").remark(ACCEPTED)
    }
}

impl Told for RedPacketSelect {
    const READS: bool = true;

    fn tell(answer: &RedPacketAccount, _: &Fields) -> Said {
        Said::new()
            .with("acctSt", clear(answer.acct_st.as_ref()))
            .with("acctBalance", clear(answer.acct_balance.as_ref()))
            .with("validBeginDtTm", clear(answer.valid_begin_dt_tm.as_ref()))
            .with("validEndDtTm", clear(answer.valid_end_dt_tm.as_ref()))
    }
}

impl Told for QualSelect {
    const READS: bool = true;

    fn tell(answer: &Chances, _: &Fields) -> Said {
        let spans = answer.qual_map.iter();
        let spans = spans.map(|it| (format!("{}_{}", it.end, it.begin), Value::from(it.count)));
        Said::new().with("qualMap", Value::Object(spans.collect()))
    }
}

impl Told for QualSend {
    const READS: bool = false;

    fn tell(_: &ChancesAccepted, fields: &Fields) -> Said {
        Said::new().copied(fields, "resp").remark(ACCEPTED)
    }
}

impl Told for QualReduce {
    const READS: bool = false;

    fn tell(answer: &Draw, fields: &Fields) -> Said {
        Said::new()
            .copied(fields, "resp")
            .with("respTime", beijing(answer.resp_time))
            .with("awardInfo", answer.award_info.as_ref().map(award))
            .copied(fields, "transNumber")
    }
}

fn award(info: &AwardInfo) -> Value {
    let fields = [
        ("activityNumber", text(info.activity_number.as_ref())),
        ("activityName", text(info.activity_name.as_ref())),
        ("beginTime", text(info.begin_time.as_ref())),
        ("endTime", text(info.end_time.as_ref())),
        ("awardId", text(info.award_id.as_ref())),
        ("awardType", info.award_type.as_ref().map(|it| it.as_str().into())),
        ("awardName", text(info.award_name.as_ref())),
        ("awardValue", info.award_value.map(Value::from)),
        ("extAcctId", text(info.ext_acct_id.as_ref())),
        ("extAcctName", text(info.ext_acct_name.as_ref())),
        ("drawDesc", text(info.draw_desc.as_ref())),
        ("couponStartDate", text(info.coupon_start_date.as_ref())),
        ("couponEndDate", text(info.coupon_end_date.as_ref())),
        ("couponGoodsUrl", text(info.coupon_goods_url.as_ref())),
    ];
    let there = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(Map::from_iter(there))
}

fn text(secret: Option<&Secret<String>>) -> Option<Value> {
    clear(secret).map(Value::from)
}

fn clear(secret: Option<&Secret<String>>) -> Option<&str> {
    secret.map(|secret| secret.expose().as_str())
}
