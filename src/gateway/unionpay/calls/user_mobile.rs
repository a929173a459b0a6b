//! user.mobile: a user's phone number.

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{AccessToken, OpenId};
use crate::gateway::{FieldError, Fields};
use crate::secret::Secret;

/// Asks for the phone number with which a user logs in (5.2.1). The user has agreed to the scope
/// `upapi_mobile`, `upapi_auth` or `upapi_user`.
///
/// ```text
/// {"appId":"…","accessToken":"APwY8AIr…","openId":"JUyCjGbf…","backendToken":"LMvASreQ…"}
///
/// {"msg":"","params":{"mobile":"<3DES>"},"resp":"00"}
/// ```
///
/// The spec's sample (5.2.1.4) is one of frontToken. The name has a dot: `user_mobile` is a common
/// mistake (7.8 no. 15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserMobile {
    access_token: AccessToken,
    open_id: OpenId,
}

impl UserMobile {
    /// Of this user.
    #[must_use]
    pub fn new(open_id: OpenId, access_token: AccessToken) -> Self {
        Self { access_token, open_id }
    }
}

impl Call for UserMobile {
    type Answer = UserMobileNumber;

    const NAME: &'static str = "user.mobile";

    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new()
            .text("accessToken", self.access_token.expose())
            .text("openId", self.open_id.expose())
    }

    fn read(&self, fields: &Fields, keys: Keys<'_>) -> Result<UserMobileNumber, FieldError> {
        let mobile = keys.decrypt(fields, "mobile")?;
        let mobile = mobile.ok_or(FieldError { field: "mobile", expected: "there" })?;
        Ok(UserMobileNumber { mobile: Secret::new(mobile) })
    }
}

/// A user's phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserMobileNumber {
    /// The number, in clear.
    pub mobile: Secret<String>,
}
