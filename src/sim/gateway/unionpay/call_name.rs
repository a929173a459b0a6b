//! The calls by their names.

use std::fmt;
use std::str::FromStr;

/// A call of the open platform.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the spec's names")]
pub enum CallName {
    BackendToken,
    FrontToken,
    Token,
    UserMobile,
    UserAuth,
    VerifyPwdSeqId,
    ContractApply,
    ContractRelieve,
    ContractStatus,
    ContractInfo,
    NewMsgPush,
    ReturnTax,
    PutIndustryCard,
    RedPacketGive,
    RedPacketSelect,
    QualSelect,
    QualSend,
    QualReduce,
}

impl CallName {
    /// Each of them, in the order of the document.
    pub const ALL: [Self; 18] = [
        Self::Token,
        Self::BackendToken,
        Self::FrontToken,
        Self::UserMobile,
        Self::UserAuth,
        Self::VerifyPwdSeqId,
        Self::ContractApply,
        Self::ContractRelieve,
        Self::ContractStatus,
        Self::ContractInfo,
        Self::NewMsgPush,
        Self::ReturnTax,
        Self::PutIndustryCard,
        Self::RedPacketGive,
        Self::RedPacketSelect,
        Self::QualSelect,
        Self::QualSend,
        Self::QualReduce,
    ];

    /// Its name at the end of the address.
    pub fn wire(self) -> &'static str {
        match self {
            Self::BackendToken => "backendToken",
            Self::ContractApply => "contract.apply",
            Self::ContractInfo => "contract.info",
            Self::ContractRelieve => "contract.relieve",
            Self::ContractStatus => "contract.status",
            Self::FrontToken => "frontToken",
            Self::NewMsgPush => "new.msg.push",
            Self::PutIndustryCard => "putIndustryCard",
            Self::QualReduce => "qual.reduce",
            Self::QualSelect => "qual.select",
            Self::QualSend => "qual.send",
            Self::RedPacketGive => "red.packet.give",
            Self::RedPacketSelect => "red.packet.select",
            Self::ReturnTax => "return.tax",
            Self::Token => "token",
            Self::UserAuth => "user.auth",
            Self::UserMobile => "user.mobile",
            Self::VerifyPwdSeqId => "verifyPwdSeqId",
        }
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire())
    }
}

impl FromStr for CallName {
    type Err = UnknownCallName;

    fn from_str(name: &str) -> Result<Self, UnknownCallName> {
        Self::ALL.into_iter().find(|it| it.wire() == name).ok_or(UnknownCallName)
    }
}

/// The platform has no call of this name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the platform has no call of this name: a call is written as in the document, user.mobile")]
pub struct UnknownCallName;
