//! contract.apply: a contract for paying without a password.

use crate::gateway::unionpay::call::{Call, Credential, Keys, operate_time, same};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{AccessToken, ContractCode, ContractId, OpenId, PlanId};
use crate::gateway::{FieldError, Fields};
use crate::unix_time::UnixMillis;

/// Makes a contract with a user (5.4.1), who has agreed to the scope `upapi_contract`.
///
/// ```text
/// {"backendToken":"ChXumdIL…","openId":"42q4vi0A…","appId":"…","planId":"11495f99471…",
///  "accessToken":"APwY8AIr…","contractCode":"684916616616"}
///
/// {"msg":"","params":{"contractCode":"684916616616","contractId":"6218400000002496717",
///  "openId":"42q4vi0A…","operationTime":"20190324203725","planId":"11495f99471…"},"resp":"00"}
/// ```
///
/// The table calls the time `operateTime`, the sample `operationTime`: both are read, with or without
/// what separates its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractApply {
    access_token: AccessToken,
    open_id: OpenId,
    plan_id: PlanId,
    contract_code: ContractCode,
}

impl ContractApply {
    /// With this user, by this template, under this number.
    #[must_use]
    pub fn new(
        open_id: OpenId,
        access_token: AccessToken,
        plan_id: PlanId,
        contract_code: ContractCode,
    ) -> Self {
        Self { access_token, open_id, plan_id, contract_code }
    }
}

impl Call for ContractApply {
    type Answer = ContractApplied;

    const NAME: &'static str = "contract.apply";

    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new()
            .text("accessToken", self.access_token.expose())
            .text("openId", self.open_id.expose())
            .text("planId", self.plan_id.as_str())
            .text("contractCode", self.contract_code.as_str())
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<ContractApplied, FieldError> {
        same(fields, "contractCode", self.contract_code.as_str())?;
        same(fields, "planId", self.plan_id.as_str())?;
        same(fields, "openId", self.open_id.expose())?;
        Ok(ContractApplied {
            contract_id: fields.parsed("contractId")?,
            operate_time: operate_time(fields),
        })
    }
}

/// A contract was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractApplied {
    /// UnionPay's number of it.
    pub contract_id: ContractId,
    /// When, if it is said in a form that is known.
    pub operate_time: Option<UnixMillis>,
}
