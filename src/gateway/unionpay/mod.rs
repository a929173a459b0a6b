//! UnionPay's open platform (云闪付): who the user is, contracts for paying without a password, red
//! packets and draws.
//!
//! "The spec" is UnionPay's 云闪付开放平台接口规范; numbers such as 5.1.1 are its chapters.
//!
//! | call | type |
//! |---|---|
//! | backendToken | [`GetBackendToken`] |
//! | frontToken | [`GetFrontToken`] |
//!
//! An [`App`] makes a call into a request and reads its answer; any HTTP client carries them.

mod answer;
mod app;
mod call;
mod calls;
mod code;
mod envelope;
mod params;
mod run;
mod signature;
mod stamp;
mod tdes;
mod text;

pub use answer::{Answer, AnswerError, Refusal};
pub use app::{App, AppError, RequestError};
pub use call::{Call, Credential, Keys};
pub use calls::{BackendTokenGiven, FrontTokenGiven, GetBackendToken, GetFrontToken};
pub use code::{Advice, Code, Meaning};
pub use params::Params;
pub use run::CallError;
pub use signature::{Empties, SignatureMethod, Signing};
pub use stamp::{NonceStr, Stamp, StampError, Timestamp};
pub use tdes::{DecryptError, SymmetricKey};
pub use text::{AppId, AppSecret, BackendToken, BaseUrl, FrontToken};
