//! A user ended a contract.

use super::{Notice, NoticeError, Values};
use crate::gateway::unionpay::text::{ContractId, OpenId};
use crate::unix_time::UnixMillis;

/// A user ended, in UnionPay's app, a contract for paying without a password (5.4.3): nothing can be
/// withheld by it any more.
///
/// ```text
/// GET /template/api/testTemp?timestamp=1568251930&appId=fb707ef…&trid=62009000052
///   &operateTime=2019-11-05 10:45:55&nonceStr=XFg3Lx4fUTaFyFLJ&contractId=6218400000020001614
///   &signature=FavJObjrtxIf8z+qtTj8Tmlyw/tyyihEZ8TE5VdCRd4M…&openId=A+2pMHJdXtQ42kQs…
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractReleased {
    /// The user.
    pub open_id: OpenId,
    /// The contract: AN32 by the table, 19 digits in the sample.
    pub contract_id: ContractId,
    /// When the user did it, if it is said in a form that is known.
    pub operate_time: Option<UnixMillis>,
    /// "For certain scenes" (特定场景使用), if there is one.
    pub trid: Option<String>,
    /// When UnionPay made the notification.
    pub timestamp: UnixMillis,
    /// Its random text.
    pub nonce_str: String,
}

impl Notice for ContractReleased {
    const NAME: &'static str = "the contract was released";

    fn read(values: &Values) -> Result<Self, NoticeError> {
        Ok(Self {
            open_id: values.open_id()?,
            contract_id: values.parsed("contractId")?,
            operate_time: values.operate_time(),
            trid: values.optional("trid")?,
            timestamp: values.timestamp()?,
            nonce_str: values.parsed("nonceStr")?,
        })
    }
}
