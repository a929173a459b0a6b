//! Alipay's open platform, v2 (`gateway.do`): the calls around a payment, their answers, and what
//! an answer means for the money.
//!
//! | call | type |
//! |---|---|
//! | alipay.trade.pay | [`Pay`] |
//! | alipay.trade.query | [`Query`] |
//! | alipay.trade.cancel | [`Cancel`] |
//! | alipay.trade.refund | [`Refund`] |
//! | alipay.trade.fastpay.refund.query | [`RefundQuery`] |
//! | alipay.trade.precreate | [`Precreate`] |
//! | alipay.trade.close | [`Close`] |
//! | alipay.trade.app.pay, alipay.trade.wap.pay | [`AppOrder`]: a string for an app, not sent from here |
//!
//! A [`Merchant`] signs a call and reads its answer; any HTTP client carries them. What Alipay says
//! unasked is in [`notify`].
//!
//! ```
//! # // Throw-away keys, made for this example.
//! use m26_pay::gateway::HttpResponse;
//! use m26_pay::gateway::alipay::{AuthCode, Merchant, OutTradeNo, Pay, Sale, Subject};
//! use m26_pay::unix_time::UnixMillis;
//! # use m26_pay::gateway::alipay::{AppId, GatewayUrl};
//! # use m26_pay::gateway::{SignError, Signer, Verifier};
//! # #[derive(Debug)]
//! # struct Key;
//! # impl Signer for Key {
//! #     fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> { Ok(vec![0; 256]) }
//! # }
//! # impl Verifier for Key {
//! #     fn verify(&self, _: &[u8], signature: &[u8]) -> bool { signature == [0; 3] }
//! # }
//! # let merchant = Merchant::new(GatewayUrl::live(), AppId::new("2026000000000001")?, Key, Key)?;
//!
//! let sale = Sale::of(OutTradeNo::new("A10001_0")?, "88.88".parse()?, Subject::new("午餐")?);
//! let pay = Pay::bar_code(sale.build()?, AuthCode::new("284612345678901234")?);
//! let request = merchant.request(&pay, UnixMillis(1_795_000_000_000))?;
//! assert!(request.url().contains("method=alipay.trade.pay"));
//!
//! let body = r#"{"alipay_trade_pay_response":{"code":"40004","msg":"Business Failed",
//!     "sub_code":"ACQ.PAYMENT_AUTH_CODE_INVALID"},"sign":"AAAA"}"#;
//! let response = HttpResponse::new(200, None, body.into());
//! let answer = merchant.read(&pay, &response)?;
//! let refusal = answer.result.unwrap_err();
//! assert_eq!(refusal.sub_code.unwrap().as_str(), "ACQ.PAYMENT_AUTH_CODE_INVALID");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod call;
mod certificate;
mod code;
mod envelope;
mod merchant;
pub mod notify;
mod order_string;
mod params;
pub mod payment;
pub mod refunding;
mod request_time;
pub mod settle;
mod text;
mod trade;

#[doc(no_inline)]
pub use crate::gateway::{Effect, FieldError, Fields, NoAnswer};
pub use answer::{Answer, AnswerError, Content, Refusal, signed_text};
pub use call::{Call, TradeRef};
pub use certificate::{
    CertificateError, CertificateFault, CertificateFiles, CertificatePlace, Certificates,
};
pub use code::{Code, Meaning, Remedy, SubCode};
pub use merchant::{Identity, Merchant, MerchantError, RequestError};
pub use order_string::{
    AppOrder, AppOrderBuilder, AppPaid, AppResult, AuthToken, OrderString, OwnField, ProductCode,
    ResultStatus, ReturnUrl,
};
pub use request_time::RequestTime;
pub use text::{
    AgreementNo, AlipayStoreId, AppAuthToken, AppId, AuthCode, Body, GatewayUrl, NotifyUrl,
    OperatorId, OutRequestNo, OutTradeNo, QueryOption, RefundReason, SellerId, StoreId, Subject,
    TerminalId, TerminalParams, TradeNo,
};
pub use trade::{
    Cancel, CancelAction, Cancelled, Close, Closed, Expiry, FundChange, Goods, PaidTrade, Pay,
    PayAnswer, Precreate, Precreated, Query, Refund, RefundBuilder, RefundQuery, RefundState,
    Refunded, Sale, SaleBuilder, TimeoutExpress, Trade, TradeStatus, Waiting,
};
