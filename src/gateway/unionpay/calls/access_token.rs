//! token: who a user is, for the code that he came back from the login with.

use std::time::Duration;

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::scope::Scope;
use crate::gateway::unionpay::text::{AccessToken, AuthorisationCode, OpenId};
use crate::gateway::{FieldError, Fields};
use crate::secret::Secret;

/// Exchanges an authorisation code for the user's openId and access token (4.3).
///
/// ```text
/// {"appId":"…","backendToken":"ip76w9FgSjaxuN0tajG4Rg==","code":"KFTrLiCknhMlKKuv",
///  "grantType":"authorization_code"}
///
/// {"accessToken":"APwY8AIr… ","expiresIn":"3600","refreshToken":"KFTrLiCknhMlKKuv",
///  "openId":"JUyCjGbf… ","scope":" upapi_base "}
/// ```
///
/// The sample's answer has no envelope, blanks in its values, and lacks commas. It is read with an
/// envelope too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAccessToken {
    code: AuthorisationCode,
}

impl GetAccessToken {
    /// For this code, which is used up by it.
    #[must_use]
    pub fn new(code: AuthorisationCode) -> Self {
        Self { code }
    }
}

impl Call for GetAccessToken {
    type Answer = AccessGranted;

    const NAME: &'static str = "token";

    const CREDENTIAL: Credential = Credential::BackendToken;

    const BARE: Option<&'static str> = Some("accessToken");

    fn params(&self) -> Params<'_> {
        Params::new().text("code", self.code.expose()).text("grantType", "authorization_code")
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<AccessGranted, FieldError> {
        let refresh_token = fields.text("refreshToken");
        Ok(AccessGranted {
            access_token: fields.parsed("accessToken")?,
            expires_in: Duration::from_secs(fields.parsed::<u32>("expiresIn")?.into()),
            refresh_token: refresh_token.map(|token| Secret::new(token.into_owned())),
            open_id: fields.parsed("openId")?,
            scope: fields.optional("scope")?,
        })
    }
}

/// A user came back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessGranted {
    /// What lets the application ask for what the user agreed to.
    pub access_token: AccessToken,
    /// How long that lives: 3,600 s today. Then the user has to authorise again.
    pub expires_in: Duration,
    /// Kept for later by UnionPay (预留): no call takes it.
    pub refresh_token: Option<Secret<String>>,
    /// The user.
    pub open_id: OpenId,
    /// What the user agreed to, if it is said.
    pub scope: Option<Scope>,
}
