//! What a request of each call holds, and what proves it.

use super::CallName;
use super::code::{self, Code};

/// What proves that the app has sent a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Proof {
    /// The backend token.
    BackendToken,
    /// The partner's signature (5.8.1 note 4).
    Partner,
    /// The signature of 5.3.1, of which the text and the sample say different things.
    Password,
    /// SHA-256 with the secret (5.1.1).
    Secret,
}

/// A field of a request.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// What is answered where it is missing; nothing, where it may be.
    pub(super) missing: Option<Code>,
    /// Whether it is under the symmetric key (2.4.2).
    pub(super) sealed: bool,
}

impl CallName {
    pub(super) fn proof(self) -> Proof {
        match self {
            Self::BackendToken | Self::FrontToken => Proof::Secret,
            Self::QualReduce | Self::QualSend | Self::RedPacketGive => Proof::Partner,
            Self::VerifyPwdSeqId => Proof::Password,
            _ => Proof::BackendToken,
        }
    }

    /// What may stand in a request, `signature` and `backendToken` with the others.
    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::BackendToken | Self::FrontToken => TOKEN_OF_APP,
            Self::ContractApply => CONTRACT_APPLY,
            Self::ContractInfo => CONTRACT_INFO,
            Self::ContractRelieve => CONTRACT_RELIEVE,
            Self::ContractStatus => CONTRACT_STATUS,
            Self::NewMsgPush => NEW_MSG_PUSH,
            Self::PutIndustryCard => PUT_INDUSTRY_CARD,
            Self::QualReduce => QUAL_REDUCE,
            Self::QualSelect => QUAL_SELECT,
            Self::QualSend => QUAL_SEND,
            Self::RedPacketGive => RED_PACKET_GIVE,
            Self::RedPacketSelect => RED_PACKET_SELECT,
            Self::ReturnTax => RETURN_TAX,
            Self::Token => TOKEN_OF_USER,
            Self::UserAuth | Self::UserMobile => OF_USER,
            Self::VerifyPwdSeqId => VERIFY_PWD_SEQ_ID,
        }
    }
}

const fn must(name: &'static str, missing: Code) -> Field {
    Field { name, missing: Some(missing), sealed: false }
}

/// A field without which there is nothing, and for which the table of codes has none.
const fn needed(name: &'static str) -> Field {
    must(name, code::BAD_FIELD)
}

const fn may(name: &'static str) -> Field {
    Field { name, missing: None, sealed: false }
}

const fn sealed(field: Field) -> Field {
    Field { sealed: true, ..field }
}

const TOKEN_OF_APP: &[Field] = &[APP_ID, NONCE_STR, TIMESTAMP, SIGNATURE];

const CONTRACT_APPLY: &[Field] =
    &[APP_ID, ACCESS_TOKEN, OPEN_ID, BACKEND_TOKEN, PLAN_ID, CONTRACT_CODE];

const CONTRACT_INFO: &[Field] = &[APP_ID, OPEN_ID, BACKEND_TOKEN, PLAN_ID];

const CONTRACT_RELIEVE: &[Field] =
    &[APP_ID, OPEN_ID, BACKEND_TOKEN, CONTRACT_ID, PLAN_ID, CONTRACT_CODE];

const CONTRACT_STATUS: &[Field] = &[APP_ID, OPEN_ID, BACKEND_TOKEN];

const NEW_MSG_PUSH: &[Field] =
    &[APP_ID, BACKEND_TOKEN, OPEN_ID, must("content", code::NO_CONTENT), must("url", code::NO_URL)];

const PUT_INDUSTRY_CARD: &[Field] = &[
    APP_ID,
    BACKEND_TOKEN,
    needed("cardModuleId"),
    needed("bussCardNo"),
    needed("cardSubTp"),
    needed("transTp"),
    OPEN_ID,
    may("region"),
    may("channelNo"),
    sealed(may("name")),
    sealed(may("certId")),
    sealed(may("mobileNo")),
];

const QUAL_REDUCE: &[Field] = &[
    APP_ID,
    needed("activityNumber"),
    may("orderAmount"),
    needed("qualNum"),
    needed("qualType"),
    sealed(needed("qualValue")),
    sealed(may("certId")),
    may("icTerminal"),
    may("qrCode"),
    TRANS_NUMBER,
    NONCE_STR,
    TIMESTAMP,
    SIGNATURE,
];

const QUAL_SELECT: &[Field] =
    &[APP_ID, needed("qualNum"), needed("qualType"), sealed(needed("qualValue")), BACKEND_TOKEN];

const QUAL_SEND: &[Field] = &[
    APP_ID,
    needed("qualNum"),
    needed("qualType"),
    sealed(needed("qualValue")),
    sealed(needed("count")),
    TRANS_NUMBER,
    needed("startDate"),
    needed("endDate"),
    NONCE_STR,
    TIMESTAMP,
    SIGNATURE,
];

const RED_PACKET_GIVE: &[Field] = &[
    APP_ID,
    needed("insAcctId"),
    TRANS_NUMBER,
    may("openId"),
    sealed(may("mobile")),
    sealed(may("pan")),
    sealed(needed("pointAt")),
    may("remark"),
    NONCE_STR,
    TIMESTAMP,
    SIGNATURE,
];

const RED_PACKET_SELECT: &[Field] = &[
    APP_ID,
    needed("insAcctId"),
    TRANS_NUMBER,
    needed("transDt"),
    needed("transTm"),
    BACKEND_TOKEN,
];

const RETURN_TAX: &[Field] = &[APP_ID, BACKEND_TOKEN, must("refundNo", code::NO_REFUND_NO)];

const TOKEN_OF_USER: &[Field] = &[
    APP_ID,
    BACKEND_TOKEN,
    must("code", code::NO_CODE),
    must("grantType", code::WRONG_GRANT_TYPE),
];

const OF_USER: &[Field] = &[APP_ID, ACCESS_TOKEN, OPEN_ID, BACKEND_TOKEN];

const VERIFY_PWD_SEQ_ID: &[Field] = &[
    APP_ID,
    OPEN_ID,
    may("clientIp"),
    must("bizOrderId", code::NO_BIZ_ORDER_ID),
    must("bizType", code::NO_BIZ_TYPE),
    must("merchantId", code::NO_MERCHANT_ID),
    NONCE_STR,
    must("notifyUrl", code::NO_NOTIFY_URL),
    TIMESTAMP,
    ACCESS_TOKEN,
    SIGNATURE,
];

const APP_ID: Field = must("appId", code::NO_APP_ID);
const ACCESS_TOKEN: Field = must("accessToken", code::NO_ACCESS_TOKEN);
const BACKEND_TOKEN: Field = must("backendToken", code::NO_BACKEND_TOKEN);
const CONTRACT_CODE: Field = must("contractCode", code::NO_CONTRACT_CODE);
const CONTRACT_ID: Field = must("contractId", code::NO_CONTRACT_ID);
const NONCE_STR: Field = must("nonceStr", code::NO_NONCE_STR);
const OPEN_ID: Field = must("openId", code::NO_OPEN_ID);
const PLAN_ID: Field = must("planId", code::NO_PLAN_ID);
const SIGNATURE: Field = must("signature", code::NO_SIGNATURE);
const TIMESTAMP: Field = must("timestamp", code::NO_TIMESTAMP);
const TRANS_NUMBER: Field = needed("transNumber");
