//! contract.status: has a user orders that are not finished?

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::OpenId;
use crate::gateway::{FieldError, Fields};

/// Asks how many orders by contract a user has at UnionPay that are not finished (5.4.4).
///
/// ```text
/// {"backendToken":"ovM8WAeK…","openId":"JUyCjGbf…","appId":"…"}
///
/// {"msg":"","params":{"enable":"0"},"resp":"00"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractStatus {
    open_id: OpenId,
}

impl ContractStatus {
    /// Of this user.
    #[must_use]
    pub fn new(open_id: OpenId) -> Self {
        Self { open_id }
    }
}

impl Call for ContractStatus {
    type Answer = UnfinishedOrders;

    const NAME: &'static str = "contract.status";

    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new().text("openId", self.open_id.expose())
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<UnfinishedOrders, FieldError> {
        Ok(UnfinishedOrders { enable: fields.parsed("enable")? })
    }
}

/// How many orders of a user are not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnfinishedOrders {
    /// Their number. In spite of its name, 0 says that there are none.
    pub enable: u32,
}
