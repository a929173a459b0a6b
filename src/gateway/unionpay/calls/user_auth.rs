//! user.auth: a user's name and document.

use std::convert::Infallible;
use std::str::FromStr;

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{AccessToken, OpenId};
use crate::gateway::{FieldError, Fields};
use crate::secret::Secret;

/// Asks who a user is (5.2.2). The user has agreed to the scope `upapi_auth` or `upapi_user`; UnionPay
/// opens this to some industries alone.
///
/// ```text
/// {"backendToken":"LMvASreQ…","openId":"JUyCjGbf…","appId":"…","accessToken":"APwY8AIr…"}
///
/// {"msg":"","params":{"certId":"<3DES>","certTp":"<3DES>","realName":"<3DES>"},"resp":"00"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAuth {
    access_token: AccessToken,
    open_id: OpenId,
}

impl UserAuth {
    /// Of this user.
    #[must_use]
    pub fn new(open_id: OpenId, access_token: AccessToken) -> Self {
        Self { access_token, open_id }
    }
}

impl Call for UserAuth {
    type Answer = UserIdentity;

    const NAME: &'static str = "user.auth";

    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new()
            .text("accessToken", self.access_token.expose())
            .text("openId", self.open_id.expose())
    }

    fn read(&self, fields: &Fields, keys: Keys<'_>) -> Result<UserIdentity, FieldError> {
        let text = |field| keys.decrypt(fields, field).map(|text| text.map(Secret::new));
        let Ok(cert_tp) = keys.decrypt(fields, "certTp")?.as_deref().map(str::parse).transpose();
        Ok(UserIdentity { real_name: text("realName")?, cert_tp, cert_id: text("certId")? })
    }
}

/// Who a user is, as far as the user has agreed to tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserIdentity {
    /// The name, in clear.
    pub real_name: Option<Secret<String>>,
    /// The kind of document.
    pub cert_tp: Option<CertTp>,
    /// The document's number, in clear.
    pub cert_id: Option<Secret<String>>,
}

/// The kinds of document (`certTp`, 5.2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertTp {
    /// `01`: an identity card (身份证).
    IdentityCard,
    /// `03`: a passport (护照).
    Passport,
    /// `04`: a home return permit (回乡证).
    HomeReturnPermit,
    /// `05`: a permit for residents of Taiwan (台胞证).
    TaiwanPermit,
    /// Something that the spec does not list.
    Other(Secret<String>),
}

impl CertTp {
    /// As UnionPay writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::IdentityCard => "01",
            Self::Passport => "03",
            Self::HomeReturnPermit => "04",
            Self::TaiwanPermit => "05",
            Self::Other(kind) => kind.expose(),
        }
    }
}

impl FromStr for CertTp {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim() {
            "01" => Self::IdentityCard,
            "03" => Self::Passport,
            "04" => Self::HomeReturnPermit,
            "05" => Self::TaiwanPermit,
            other => Self::Other(Secret::new(other.to_owned())),
        })
    }
}
