//! The texts of calls: each is valid, or was never made.
//!
//! Where the spec gives no length, the limit stands far above its samples, so that nothing is
//! refused here that UnionPay takes.

use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::text::{
    any, digits, gateway_url, letters_and_digits, only, text, url, visible,
};

text! {
    /// The application (`appId`), given by UnionPay (3.2): letters and digits.
    AppId, "appId", 64, letters_and_digits
}

text! {
    /// Where the calls are, up to a call's name: an `https` URL without a query, or `http` on this
    /// host alone (a simulator).
    BaseUrl, "base", 256, gateway_url
}

text! {
    /// The application's secret (`secret`, 3.2): it goes into signatures and is never sent (5.1.1).
    secret AppSecret, "secret", 256, visible
}

text! {
    /// The token that goes along with most calls (5.1.1).
    secret BackendToken, "backendToken", 512, visible
}

text! {
    /// The token that goes into the signature of a page's configuration (5.1.2, 7.1).
    secret FrontToken, "frontToken", 512, visible
}

text! {
    /// The code with which a user comes back from the login (`code`, 4.3). It is used once, and lives
    /// five minutes (7.8 no. 6).
    ///
    /// A blank in it was a `+` (7.8 no. 14): it is refused here.
    secret AuthorisationCode, "code", 512, visible
}

text! {
    /// What lets an application ask for what a user has agreed to (`accessToken`, 4.3). It lives an
    /// hour.
    secret AccessToken, "accessToken", 1024, visible
}

text! {
    /// The user, as this application alone knows him (`openId`, 4.3).
    ///
    /// A blank in it was a `+` (7.8 no. 13): it is refused here.
    secret OpenId, "openId", 256, visible
}

text! {
    /// The template of a contract, given by UnionPay (`planId`, 5.4.1).
    PlanId, "planId", 64, visible
}

text! {
    /// The application's own number of a contract, never used twice (`contractCode`, 5.4.1, 5.4.2).
    ContractCode, "contractCode", 64, visible
}

text! {
    /// UnionPay's number of a contract, with which money is withheld (`contractId`, 5.4.1): AN32 by
    /// 5.4.3, 19 digits in the samples.
    secret ContractId, "contractId", 64, visible
}

text! {
    /// The application's number of one verification of a password, never used twice (`bizOrderId`,
    /// 5.3.1).
    BizOrderId, "bizOrderId", 64, visible
}

text! {
    /// What a password is verified for (`bizType`, 5.3.1), agreed with UnionPay: `4a` is the purchase
    /// of funds, and the sample has `4h`.
    BizType, "bizType", 16, letters_and_digits
}

text! {
    /// The merchant (`merchantId`, 5.3.1): 15 digits in the sample.
    MerchantId, "merchantId", 32, letters_and_digits
}

text! {
    /// Where UnionPay is to say how the verification went (`notifyUrl`, 5.3.1), in the domain that was
    /// applied for (3.1).
    NotifyUrl, "notifyUrl", 512, url
}

text! {
    /// UnionPay's number of one verification of a password (`transNo`, 5.3.1): 32 letters and digits in
    /// the sample.
    TransNo, "transNo", 64, letters_and_digits
}

text! {
    /// What a user reads in a message (`content`, 5.5.1): at most 140, where a character outside ASCII
    /// counts twice (若为中文，则大小为70).
    secret MessageContent, "content", 140, message
}

text! {
    /// Where a message leads (`url`, 5.5.1), in one of the safe domains that were applied for. A
    /// Chinese character in it must be escaped (7.8 no. 31).
    MessageUrl, "url", 1024, url
}

text! {
    /// The number of a tax refund (`refundNo`, 5.6.1): whoever has it can ask for the card.
    secret RefundNo, "refundNo", 64, visible
}

text! {
    /// The template of an industry card (`cardModuleId`, 5.7.1), given by UnionPay.
    CardModuleId, "cardModuleId", 64, visible
}

text! {
    /// The number of an industry card (`bussCardNo`, 5.7.1).
    secret BussCardNo, "bussCardNo", 64, visible
}

text! {
    /// The kind of an industry card (`cardSubTp`, 5.7.1).
    CardSubTp, "cardSubTp", 32, visible
}

text! {
    /// Where an industry card was issued, by UnionPay's codes (`region`, 5.7.1).
    Region, "region", 32, letters_and_digits
}

text! {
    /// The social security's platform (`channelNo`, 5.7.1).
    ChannelNo, "channelNo", 64, visible
}

text! {
    /// A person's name (`name`, 5.7.1).
    secret PersonName, "name", 128, any
}

text! {
    /// The number of an identity card (`certId`, 5.7.1, 5.8.5).
    secret CertId, "certId", 64, visible
}

text! {
    /// A phone number (`mobile`, `mobileNo`): digits.
    secret Mobile, "mobile", 20, digits
}

text! {
    /// The number of a bank card (`pan`, 5.8.1): 12 to 19 digits (ISO/IEC 7812-1).
    secret Pan, "pan", 19, pan
}

text! {
    /// The account of a red packet's giver (`insAcctId`, 5.8.1): 18 letters and digits.
    InsAcctId, "insAcctId", 18, account
}

text! {
    /// The application's number of a gift or a question, never used twice (`transNumber`, 5.8). The
    /// same gift asked for again has the same one.
    TransNumber, "transNumber", 64, visible
}

text! {
    /// A note to a red packet (`remark`, 5.8.1).
    Remark, "remark", 256, any
}

text! {
    /// A pool of chances in draws (`qualNum`, 5.8.3), given by UnionPay.
    QualNum, "qualNum", 64, visible
}

text! {
    /// A draw (`activityNumber`, 5.8.5), given by UnionPay.
    ActivityNumber, "activityNumber", 64, visible
}

text! {
    /// The amount of the order that a draw is made for (`orderAmount`, 5.8.5). The spec does not say in
    /// which unit: ask UnionPay. Digits, with or without a point.
    OrderAmount, "orderAmount", 16, decimal
}

text! {
    /// The device at which a draw is made (`icTerminal`, 5.8.5).
    IcTerminal, "icTerminal", 128, visible
}

text! {
    /// The code of a red packet (`qrCode`, 5.8.5).
    secret QrCode, "qrCode", 256, visible
}

impl BaseUrl {
    /// UnionPay's platform, `https://open.95516.com/open/access/1.0` (5.1.1.2).
    #[must_use]
    pub fn live() -> Self {
        Self(LIVE.into())
    }
}

impl InsAcctId {
    /// The account of an institution: its code of 15 behind `T00` (7.10 no. 5).
    ///
    /// # Errors
    /// If the code is not 15 letters and digits.
    pub fn of_institution(code: &str) -> Result<Self, InvalidArgument> {
        Self::new(format!("T00{code}"))
    }
}

fn account(value: &str) -> Result<(), InvalidReason> {
    letters_and_digits(value)?;
    if value.len() == InsAcctId::MAX_LENGTH {
        return Ok(());
    }
    Err(InvalidReason::Rule("must have 18 letters and digits: T00 and the institution's code"))
}

fn decimal(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| byte.is_ascii_digit() || byte == b'.')?;
    let (whole, decimals) = value.split_once('.').unwrap_or((value, "0"));
    if whole.is_empty() || decimals.is_empty() || decimals.contains('.') {
        return Err(InvalidReason::Rule("must be a number such as 100 or 1.00"));
    }
    Ok(())
}

fn message(value: &str) -> Result<(), InvalidReason> {
    let width = |one: char| if one.is_ascii() { 1 } else { 2 };
    let mut total = 0;
    let mut position = None;
    for (at, one) in value.char_indices() {
        total += width(one);
        if total > MessageContent::MAX_LENGTH {
            position = position.or(Some(at));
        }
    }
    let Some(position) = position else { return Ok(()) };
    let limit = MessageContent::MAX_LENGTH;
    Err(InvalidReason::TooManyCharacters { characters: total, limit, position })
}

fn pan(value: &str) -> Result<(), InvalidReason> {
    digits(value)?;
    if value.len() < 12 {
        return Err(InvalidReason::Rule("must have 12 to 19 digits"));
    }
    Ok(())
}

const LIVE: &str = "https://open.95516.com/open/access/1.0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_of_a_message_counts_twice() {
        assert!(MessageContent::new("推".repeat(70)).is_ok());
        assert!(MessageContent::new("a".repeat(140)).is_ok());
        let error = MessageContent::new("推".repeat(70) + "a").unwrap_err();
        assert_eq!(
            error.to_string(),
            "content has 141 characters, at most 140 are allowed (position 210)"
        );
        assert!(MessageContent::new("推".repeat(71)).is_err());
        assert!(MessageContent::new("a".repeat(141)).is_err());
    }

    #[test]
    fn an_account_has_eighteen() {
        let account = InsAcctId::of_institution("T00000000888527").unwrap();
        assert_eq!(account.as_str(), "T00T00000000888527");
        assert!(InsAcctId::new("T00000000888527").is_err());
        assert!(InsAcctId::of_institution("T000000008885279").is_err());
    }

    #[test]
    fn a_lost_plus_is_refused_at_its_place() {
        let error = OpenId::new("42q4vi0Ae 8oe0R0dx0SMSYF2HCj").unwrap_err();
        assert_eq!(error.reason, InvalidReason::Byte { byte: b' ', position: 9 });
        assert!(!format!("{error} {error:?}").contains("42q4"));
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        for amount in ["1", "100.00", "0.5"] {
            assert!(OrderAmount::new(amount).is_ok(), "{amount}");
        }
        for amount in [".", "1.", ".5", "1.2.3", "-1", "1,5"] {
            assert!(OrderAmount::new(amount).is_err(), "{amount}");
        }
        for pan in ["62000000000", "6200-0000-0000", "62000000000000000000"] {
            assert!(Pan::new(pan).is_err(), "{pan}");
        }
        assert!(Mobile::new("+8613800000000").is_err());
    }
}
