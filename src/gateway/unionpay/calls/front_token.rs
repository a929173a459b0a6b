//! frontToken: the token that a page's configuration is signed with.

use std::time::Duration;

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::signature::Signing;
use crate::gateway::unionpay::text::FrontToken;
use crate::gateway::{FieldError, Fields};

/// Fetches a front token (5.1.2), which goes into the signature of a page's `upsdk.config` (7.1).
///
/// ```text
/// {"appId":"…","nonceStr":"KFTrLiCknhMlKKuv","timestamp":"1553425553","signature":"0819575d…"}
///
/// {"msg":"","params":{"expiresIn":7200,"frontToken":"AqtwoCiBSKaJUDuOu5+mdA=="},"resp":"00"}
/// ```
///
/// The answer drawn here is the spec's sample of 5.2.1.4: the one of 5.1.2.4 is that of backendToken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetFrontToken;

impl Call for GetFrontToken {
    type Answer = FrontTokenGiven;

    const NAME: &'static str = "frontToken";

    const CREDENTIAL: Credential = Credential::Signature(Signing::SECRET);

    const BARE: Option<&'static str> = Some("frontToken");

    fn params(&self) -> Params<'_> {
        Params::new()
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<FrontTokenGiven, FieldError> {
        Ok(FrontTokenGiven {
            token: fields.parsed("frontToken")?,
            expires_in: Duration::from_secs(fields.parsed::<u32>("expiresIn")?.into()),
        })
    }
}

/// A front token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrontTokenGiven {
    /// The token.
    pub token: FrontToken,
    /// How long it lives: 7,200 s today.
    pub expires_in: Duration,
}
