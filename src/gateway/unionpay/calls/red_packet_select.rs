//! red.packet.select: what is in the account of a red packet's giver?

use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::beijing;
use crate::gateway::unionpay::call::{Call, Credential, Keys, text};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{InsAcctId, TransNumber};
use crate::gateway::{FieldError, Fields};
use crate::secret::Secret;
use crate::unix_time::UnixMillis;

/// Asks for the balance of the account that red packets come from (5.8.2).
///
/// ```text
/// {"appId":"…","insAcctId":"T00T00000000888527","transNumber":"1320190910000368","transDt":"20191021",
///  "transTm":"20191021142022","backendToken":"i6i9…"}
///
/// {"msg":"成功","params":{"acctSt":"<3DES>","acctBalance":"<3DES>","validBeginDtTm":"",
///  "validEndDtTm":""},"resp":"00"}
/// ```
///
/// Date and time are Beijing's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedPacketSelect {
    ins_acct_id: InsAcctId,
    trans_number: TransNumber,
    /// `yyyyMMddHHmmss`.
    trans_tm: String,
}

impl RedPacketSelect {
    /// Of this account, at this time by the wall clock.
    ///
    /// # Errors
    /// If the clock of this host was never set.
    pub fn new(
        ins_acct_id: InsAcctId,
        trans_number: TransNumber,
        at: UnixMillis,
    ) -> Result<Self, InvalidArgument> {
        let trans_tm =
            Some(at).filter(|at| beijing::is_set(*at)).and_then(beijing::dense_timestamp);
        let trans_tm = trans_tm.ok_or(InvalidArgument {
            field: "transTm",
            reason: InvalidReason::Rule("is no time of a clock that is set"),
        })?;
        Ok(Self { ins_acct_id, trans_number, trans_tm })
    }
}

impl Call for RedPacketSelect {
    type Answer = RedPacketAccount;

    const NAME: &'static str = "red.packet.select";

    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new()
            .text("insAcctId", self.ins_acct_id.as_str())
            .text("transNumber", self.trans_number.as_str())
            .text("transDt", self.trans_tm.get(..8).unwrap_or_default())
            .text("transTm", self.trans_tm.as_str())
    }

    fn read(&self, fields: &Fields, keys: Keys<'_>) -> Result<RedPacketAccount, FieldError> {
        Ok(RedPacketAccount {
            acct_st: keys.decrypt(fields, "acctSt")?.map(Secret::new),
            acct_balance: keys.decrypt(fields, "acctBalance")?.map(Secret::new),
            valid_begin_dt_tm: text(fields, "validBeginDtTm").map(Secret::new),
            valid_end_dt_tm: text(fields, "validEndDtTm").map(Secret::new),
        })
    }
}

/// The account that red packets come from. What its texts mean is not specified but for their names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedPacketAccount {
    /// Its state, in clear. The spec lists no values.
    pub acct_st: Option<Secret<String>>,
    /// Its balance, in clear. The spec does not say in which unit; the amount of a red packet is in fen.
    pub acct_balance: Option<Secret<String>>,
    /// From when on it can be used. The spec gives no form.
    pub valid_begin_dt_tm: Option<Secret<String>>,
    /// Until when it can be used.
    pub valid_end_dt_tm: Option<Secret<String>>,
}
