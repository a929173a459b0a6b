//! UnionPay's open platform (云闪付): who the user is, contracts for paying without a password, red
//! packets and draws.
//!
//! "The spec" is UnionPay's 云闪付开放平台接口规范; numbers such as 5.1.1 are its chapters.
//!
//! | call | type |
//! |---|---|
//! | token | [`GetAccessToken`] |
//! | backendToken | [`GetBackendToken`] |
//! | frontToken | [`GetFrontToken`] |
//! | user.mobile | [`UserMobile`] |
//! | user.auth | [`UserAuth`] |
//! | verifyPwdSeqId | [`VerifyPwdSeqId`] |
//! | contract.apply | [`ContractApply`] |
//! | contract.relieve | [`ContractRelieve`] |
//! | contract.status | [`ContractStatus`] |
//! | contract.info | [`ContractInfo`] |
//! | new.msg.push | [`NewMsgPush`] |
//! | return.tax | [`ReturnTax`] |
//! | putIndustryCard | [`PutIndustryCard`] |
//! | red.packet.give | [`RedPacketGive`] |
//! | red.packet.select | [`RedPacketSelect`] |
//! | qual.select | [`QualSelect`] |
//! | qual.send | [`QualSend`] |
//! | qual.reduce | [`QualReduce`] |
//!
//! An [`App`] makes a call into a request and reads its answer; any HTTP client carries them. A
//! [`UnionPay`] does that with a [`Transport`](crate::gateway::Transport), and keeps the tokens that
//! calls go by: the [`keeper`] says when to fetch one, a [`token`] store is what hosts share.
//!
//! What UnionPay tells by itself is in [`notify`], the login and the agreement to a contract in [`page`],
//! and what a page needs for UnionPay's script is an [`UpsdkConfig`].
//!
//! The page [`open_platform`] says which test each call has, what is a default where the spec
//! contradicts itself, and what nobody knows yet.
//!
//! ```
//! use m26_pay::gateway::HttpResponse;
//! use m26_pay::gateway::unionpay::{App, AppSecret, BaseUrl, GetBackendToken};
//! use m26_pay::unix_time::UnixMillis;
//!
//! # let secret = "made-up";
//! let app = App::new(BaseUrl::live(), "99eb12000001ba".parse()?, AppSecret::new(secret)?);
//! let request = app.request(&GetBackendToken, None, UnixMillis(1_795_000_000_000))?;
//! assert_eq!(request.url(), "https://open.95516.com/open/access/1.0/backendToken");
//!
//! let body = r#"{"msg":"","params":{"backendToken":"ip76w9Fg==","expiresIn":7200},"resp":"00"}"#;
//! let answer = app.read(&GetBackendToken, &HttpResponse::new(200, None, body.into()))?;
//! let given = answer.result?;
//! assert_eq!(given.expires_in.as_secs(), 7200);
//!
//! let body = r#"{"msg":"...","params":{},"resp":"N62100"}"#;
//! let answer = app.read(&GetBackendToken, &HttpResponse::new(200, None, body.into()))?;
//! assert_eq!(
//!     answer.result.unwrap_err().to_string(),
//!     "UnionPay refused: appId is empty (N62100)",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod keeper;
pub mod notify;
pub mod page;
pub mod token;

/// Every call, notification and page with its test, where the spec contradicts itself, and what stays
/// unknown.
///
#[cfg(doc)]
#[doc = include_str!("../../../docs/unionpay.md")]
pub mod open_platform {}

mod answer;
mod app;
mod award;
mod call;
mod calls;
mod client;
mod code;
mod date;
mod desk;
mod envelope;
mod params;
mod qualified;
mod run;
mod scope;
mod signature;
mod stamp;
mod tdes;
mod text;
mod upsdk;

pub use answer::{Answer, AnswerError, Refusal};
pub use app::{App, AppError, RequestError};
pub use award::{AwardInfo, AwardType};
pub use call::{Call, Credential, Keys};
pub use calls::{
    AccessGranted, BackendTokenGiven, CardType, CertTp, Chance, Chances, ChancesAccepted,
    ContractApplied, ContractApply, ContractInfo, ContractRelation, ContractRelieve,
    ContractRelieved, ContractState, ContractStatus, Draw, FrontTokenGiven, GetAccessToken,
    GetBackendToken, GetFrontToken, IndustryCardPut, MessageAccepted, NewMsgPush, PutIndustryCard,
    PwdSeqId, QualReduce, QualSelect, QualSend, Receiver, RedPacketAccepted, RedPacketAccount,
    RedPacketGive, RedPacketSelect, ReturnTax, TaxRefundCard, TransTp, UnfinishedOrders, UserAuth,
    UserIdentity, UserMobile, UserMobileNumber, VerifyPwdSeqId,
};
pub use client::UnionPay;
pub use code::{Code, Meaning, Remedy};
pub use date::Date;
#[cfg(feature = "async")]
pub(crate) use desk::{Desk, Went, asks_for_another_token};
pub use desk::{TokenError, UnionPayError};
pub use params::Params;
pub use qualified::Qualified;
pub use run::CallError;
pub use scope::Scope;
pub use signature::{Empties, SignatureMethod, Signing};
pub use stamp::{NonceStr, Stamp, StampError, Timestamp};
pub use tdes::{DecryptError, SymmetricKey};
pub use text::{
    AccessToken, ActivityNumber, AppId, AppSecret, AuthorisationCode, BackendToken, BaseUrl,
    BizOrderId, BizType, BussCardNo, CardModuleId, CardSubTp, CertId, ChannelNo, ContractCode,
    ContractId, FrontToken, IcTerminal, InsAcctId, MerchantId, MessageContent, MessageUrl, Mobile,
    NotifyUrl, OpenId, OrderAmount, Pan, PersonName, PlanId, QrCode, QualNum, RefundNo, Region,
    Remark, TransNo, TransNumber,
};
pub use upsdk::{PageUrl, UpsdkConfig};
