//! contract.info: is there a contract?

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{ContractId, OpenId, PlanId};
use crate::gateway::{FieldError, Fields};
use crate::secret::Secret;

/// Asks whether there is a contract with a user (5.4.5).
///
/// ```text
/// {"appId":"…","backendToken":"i6i9…","openId":"AJiPZzXP…","planId":"11495f99471f4c1cbcdecdd2bee79491"}
///
/// {"result":{"resp":"00","msg":"成功","params":{"contractStatus":"3","contractId":"6218400000002450474"}}}
/// ```
///
/// The sample has two braces behind `"result"`, which is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractInfo {
    open_id: OpenId,
    plan_id: PlanId,
}

impl ContractInfo {
    /// With this user, by this template.
    #[must_use]
    pub fn new(open_id: OpenId, plan_id: PlanId) -> Self {
        Self { open_id, plan_id }
    }
}

impl Call for ContractInfo {
    type Answer = ContractRelation;

    const NAME: &'static str = "contract.info";

    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new().text("openId", self.open_id.expose()).text("planId", self.plan_id.as_str())
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<ContractRelation, FieldError> {
        // An empty text means something here; a member that is not there means nothing.
        let said = fields.json("contractStatus");
        said.ok_or(FieldError { field: "contractStatus", expected: "there" })?;
        let status = match fields.text("contractStatus").as_deref() {
            None => ContractState::None,
            Some("1") => ContractState::Signed,
            Some("3") => ContractState::Relieved,
            Some(other) => ContractState::Other(Secret::new(other.to_owned())),
        };
        Ok(ContractRelation { contract_id: fields.optional("contractId")?, status })
    }
}

/// What there is between a user and the application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractRelation {
    /// UnionPay's number of the contract, if there is or was one.
    pub contract_id: Option<ContractId>,
    /// Its state.
    pub status: ContractState,
}

/// The state of a contract (`contractStatus`, 5.4.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContractState {
    /// Empty: there was never one (未签约).
    None,
    /// `1`: it holds (已签约).
    Signed,
    /// `3`: it was ended (已解约).
    Relieved,
    /// Something that the spec does not list.
    Other(Secret<String>),
}

impl ContractState {
    /// As UnionPay writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => "",
            Self::Signed => "1",
            Self::Relieved => "3",
            Self::Other(state) => state.expose(),
        }
    }
}
