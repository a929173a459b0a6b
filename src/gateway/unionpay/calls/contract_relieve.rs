//! contract.relieve: the end of a contract.

use crate::gateway::unionpay::call::{Call, Credential, Keys, operate_time, same};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{ContractCode, ContractId, OpenId, PlanId};
use crate::gateway::{FieldError, Fields};
use crate::unix_time::UnixMillis;

/// Ends a contract with a user (5.4.2).
///
/// ```text
/// {"backendToken":"B4fdbIpd…","openId":"42q4vi0A…","appId":"…","contractId":"6218400000002487633",
///  "planId":"11495f99471…","contractCode":"655558569874523"}
///
/// {"msg":"","params":{"contractCode":"655558569874523","openId":"42q4vi0A…",
///  "operationTime":"2019-03-24 18:38:27","planId":"11495f99471…"},"resp":"00"}
/// ```
///
/// The names and forms of the time are as in [`ContractApply`](super::ContractApply).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractRelieve {
    open_id: OpenId,
    contract_id: ContractId,
    plan_id: PlanId,
    contract_code: ContractCode,
}

impl ContractRelieve {
    /// Of this contract: its template and the application's number are those it was made with.
    #[must_use]
    pub fn new(
        open_id: OpenId,
        contract_id: ContractId,
        plan_id: PlanId,
        contract_code: ContractCode,
    ) -> Self {
        Self { open_id, contract_id, plan_id, contract_code }
    }
}

impl Call for ContractRelieve {
    type Answer = ContractRelieved;

    const NAME: &'static str = "contract.relieve";

    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new()
            .text("openId", self.open_id.expose())
            .text("contractId", self.contract_id.expose())
            .text("planId", self.plan_id.as_str())
            .text("contractCode", self.contract_code.as_str())
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<ContractRelieved, FieldError> {
        same(fields, "contractCode", self.contract_code.as_str())?;
        same(fields, "planId", self.plan_id.as_str())?;
        same(fields, "openId", self.open_id.expose())?;
        Ok(ContractRelieved { operate_time: operate_time(fields) })
    }
}

/// A contract was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractRelieved {
    /// When, if it is said in a form that is known.
    pub operate_time: Option<UnixMillis>,
}
