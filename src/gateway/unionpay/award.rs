//! What a draw gave.

use super::call::text;
use crate::gateway::Fields;
use crate::secret::Secret;

/// What a draw gave (`awardInfo`, 5.8.5): each member as it came, `None` where it is empty. The spec
/// calls every one optional. Its texts are UnionPay's own words, and print as redacted like all of
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AwardInfo {
    /// `activityNumber`: the draw.
    pub activity_number: Option<Secret<String>>,
    /// `activityName`: its name.
    pub activity_name: Option<Secret<String>>,
    /// `beginTime`: from when on it is open. The spec gives no form of a time.
    pub begin_time: Option<Secret<String>>,
    /// `endTime`: until when it is open.
    pub end_time: Option<Secret<String>>,
    /// `awardId`: the prize.
    pub award_id: Option<Secret<String>>,
    /// `awardType`: a red packet or a coupon.
    pub award_type: Option<AwardType>,
    /// `awardName`: its name.
    pub award_name: Option<Secret<String>>,
    /// `awardValue`: fen for a red packet, pieces for coupons.
    pub award_value: Option<u64>,
    /// `extAcctId`: the number of a coupon.
    pub ext_acct_id: Option<Secret<String>>,
    /// `extAcctName`: the name of a coupon.
    pub ext_acct_name: Option<Secret<String>>,
    /// `drawDesc`: words about the prize.
    pub draw_desc: Option<Secret<String>>,
    /// `couponStartDate`: from when on a coupon can be used.
    pub coupon_start_date: Option<Secret<String>>,
    /// `couponEndDate`: until when a coupon can be used.
    pub coupon_end_date: Option<Secret<String>>,
    /// `couponGoodsUrl`: what a coupon is for.
    pub coupon_goods_url: Option<Secret<String>>,
}

impl AwardInfo {
    /// Reads the object; nothing if all of it is empty, as in the spec's sample, or it is none. The
    /// chance is used then all the same, so that is no reason to take the answer for none.
    pub(super) fn read(object: &str) -> Option<Self> {
        let fields = Fields::read_trimmed(object).ok()?;
        let said = |name| text(&fields, name).map(Secret::new);
        let award = Self {
            activity_number: said("activityNumber"),
            activity_name: said("activityName"),
            begin_time: said("beginTime"),
            end_time: said("endTime"),
            award_id: said("awardId"),
            award_type: text(&fields, "awardType").map(AwardType::of),
            award_name: said("awardName"),
            award_value: text(&fields, "awardValue").and_then(|value| value.parse().ok()),
            ext_acct_id: said("extAcctId"),
            ext_acct_name: said("extAcctName"),
            draw_desc: said("drawDesc"),
            coupon_start_date: said("couponStartDate"),
            coupon_end_date: said("couponEndDate"),
            coupon_goods_url: said("couponGoodsUrl"),
        };
        Some(award).filter(|award| *award != Self::default())
    }
}

/// The kinds of prize (`awardType`, 5.8.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AwardType {
    /// `06`: a red packet (红包).
    RedPacket,
    /// `07`: a coupon of the shop (商城券).
    Coupon,
    /// Something that the spec does not list.
    Other(Secret<String>),
}

impl AwardType {
    /// As UnionPay writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::RedPacket => "06",
            Self::Coupon => "07",
            Self::Other(kind) => kind.expose(),
        }
    }

    fn of(kind: String) -> Self {
        match kind.as_str() {
            "06" => Self::RedPacket,
            "07" => Self::Coupon,
            _ => Self::Other(Secret::new(kind)),
        }
    }
}
