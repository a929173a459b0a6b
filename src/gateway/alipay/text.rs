//! The texts of calls: each is valid, or was never made.

use crate::alipay::SignedData;
use crate::argument::InvalidReason;
use crate::gateway::text::{
    any, digits, gateway_url, letters_and_digits, only, text, url, visible,
};

text! {
    /// The application (`app_id`), given by Alipay: digits.
    AppId, "app_id", 32, digits
}

text! {
    /// The gateway's address, an `https` URL without a query or a user's name, or `http` on this host
    /// alone (a simulator).
    GatewayUrl, "gateway", 256, gateway_url
}

text! {
    /// The merchant's number of an order: 1 to 64 letters, digits, `_` or `-`.
    ///
    /// Each attempt to pay has one of its own (`A10001_0`, `A10001_1`). The `-` is not documented
    /// and in wide use.
    OutTradeNo, "out_trade_no", 64, number
}

text! {
    /// The merchant's number of a refund, unchanged when the same refund is asked for again.
    OutRequestNo, "out_request_no", 64, number
}

text! {
    /// Alipay's number of a trade, of 28 digits today.
    TradeNo, "trade_no", 64, letters_and_digits
}

text! {
    /// What the customer reads about the order: no `/`, `=` or `&`.
    Subject, "subject", 256, subject
}

text! {
    /// A longer description of the order.
    Body, "body", 128, unreserved
}

text! {
    /// Why money is given back.
    RefundReason, "refund_reason", 256, unreserved
}

text! {
    /// The merchant's number of the store: ASCII only.
    StoreId, "store_id", 32, ascii
}

text! {
    /// Alipay's number of the store.
    AlipayStoreId, "alipay_store_id", 32, ascii
}

text! {
    /// The merchant's number of who works at the till.
    OperatorId, "operator_id", 28, ascii
}

text! {
    /// The merchant's number of the till.
    TerminalId, "terminal_id", 32, ascii
}

text! {
    /// Who receives the money, `2088…`: 16 digits.
    SellerId, "seller_id", 28, digits
}

text! {
    /// What an answer shall tell beside the usual, such as `fund_bill_list`.
    QueryOption, "query_options", 1024, word
}

text! {
    /// Where Alipay is to say that the trade changed.
    NotifyUrl, "notify_url", 256, url
}

text! {
    /// The payment code that the customer shows: digits, or `fp…` of a face.
    ///
    /// Its length and its first digits grew before and will again, so an odd one is sent all the
    /// same; [`is_odd`](Self::is_odd) says so.
    secret AuthCode, "auth_code", 1024, visible
}

text! {
    /// The number of the agreement by which a third party withholds.
    secret AgreementNo, "agreement_no", 64, visible
}

text! {
    /// With which another's application acts for a merchant (`app_auth_token`).
    secret AppAuthToken, "app_auth_token", 64, visible
}

text! {
    /// What the module signed about this payment, passed on unchanged (`terminal_params`).
    ///
    /// It is a text and never a JSON value: whoever writes its keys anew breaks the signature.
    secret TerminalParams, "terminal_params", 2048, any
}

impl GatewayUrl {
    /// Alipay's gateway, `https://openapi.alipay.com/gateway.do` (spec 付款码支付, step 3).
    #[must_use]
    pub fn live() -> Self {
        Self(LIVE.into())
    }
}

impl AuthCode {
    /// Whether it looks like no payment code that is known today: 16 to 24 digits that begin with
    /// 25 to 30 (spec 付款码支付, step 5), or `fp` and 33 more of a face
    /// (AlipayTradePayModel, `auth_code`). It is a warning and no error.
    #[must_use]
    pub fn is_odd(&self) -> bool {
        let code = self.expose();
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let known = match code.get(..2) {
            Some("fp") => code.len() == 35,
            Some("25" | "26" | "27" | "28" | "29" | "30") => {
                digits && (16..=24).contains(&code.len())
            }
            _ => false,
        };
        !known
    }
}

impl From<SignedData> for TerminalParams {
    fn from(signed: SignedData) -> Self {
        Self(crate::secret::Secret::new(signed.into_inner()))
    }
}

fn ascii(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| (b' '..=b'~').contains(&byte))?;
    unreserved(value)
}

fn number(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

pub(super) fn word(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// AlipayTradePayModel, `subject`: 不可使用特殊字符,如 /,=,&. A reserved word is named as one.
fn subject(value: &str) -> Result<(), InvalidReason> {
    unreserved(value)?;
    only(value, |byte| !matches!(byte, b'/' | b'=' | b'&'))
}

/// Spec App支付, 特殊说明: Alipay refuses what holds one of its own parameters and `=`.
pub(super) fn unreserved(value: &str) -> Result<(), InvalidReason> {
    let found = RESERVED.iter().filter_map(|word| Some((value.find(word)?, *word))).min();
    match found {
        Some((position, word)) => Err(InvalidReason::Reserved { word, position }),
        None => Ok(()),
    }
}

const LIVE: &str = "https://openapi.alipay.com/gateway.do";

/// The common and the business parameters of the spec (App支付, 请求参数 and the model before it), the
/// two of its examples, and, chosen, those that the other calls and Alipay's older interfaces name.
pub(super) const RESERVED: &[&str] = &[
    "app_auth_token=",
    "app_id=",
    "auth_code=",
    "auth_token=",
    "biz_content=",
    "body=",
    "charset=",
    "format=",
    "it_b_pay=",
    "method=",
    "notify_url=",
    "out_trade_no=",
    "partner=",
    "product_code=",
    "return_url=",
    "seller_id=",
    "service=",
    "sign=",
    "sign_type=",
    "subject=",
    "timeout_express=",
    "timestamp=",
    "total_amount=",
    "total_fee=",
    "version=",
];
