//! backendToken: the token for all other calls.

use std::time::Duration;

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::signature::Signing;
use crate::gateway::unionpay::text::BackendToken;
use crate::gateway::{FieldError, Fields};

/// Fetches a backend token (5.1.1).
///
/// ```text
/// {"appId":"…","nonceStr":"KFTrLiCknhMlKKuv","timestamp":"1553425553","signature":"0819575d…"}
///
/// {"msg":"","params":{"backendToken":"ip76w9FgSjaxuN0tajG4Rg==","expiresIn":7200},"resp":"00"}
/// ```
///
/// A new one ends the one before it (7.8 no. 14), so all hosts of an application must share one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetBackendToken;

impl Call for GetBackendToken {
    type Answer = BackendTokenGiven;

    const NAME: &'static str = "backendToken";

    const CREDENTIAL: Credential = Credential::Signature(Signing::SECRET);

    const BARE: Option<&'static str> = Some("backendToken");

    fn params(&self) -> Params<'_> {
        Params::new()
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<BackendTokenGiven, FieldError> {
        Ok(BackendTokenGiven {
            token: fields.parsed("backendToken")?,
            expires_in: Duration::from_secs(fields.parsed::<u32>("expiresIn")?.into()),
        })
    }
}

/// A backend token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackendTokenGiven {
    /// The token.
    pub token: BackendToken,
    /// How long it lives: 7,200 s today.
    pub expires_in: Duration,
}
