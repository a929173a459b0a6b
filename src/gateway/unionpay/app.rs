//! Who asks: an application with its keys.

use std::fmt;
use std::sync::Arc;

use super::answer::{self, Answer, AnswerError};
use super::call::{Call, Credential, Keys};
use super::signature::{Empties, NotSigned, Signing, sign};
use super::stamp::{Stamp, StampError};
use super::tdes::SymmetricKey;
use super::text::{AppId, AppSecret, BackendToken, BaseUrl};
use crate::advice::{self, Advice};
use crate::gateway::{HttpRequest, HttpResponse, SignError, SignType, Signer, Verifier};
use crate::unix_time::UnixMillis;

/// An application at UnionPay's open platform: makes calls into requests and reads their answers.
///
/// Everything that it needs is its own, so any number of applications live in one process. A clone
/// shares the keys. Of its keys nothing shows.
#[derive(Clone)]
pub struct App {
    base: BaseUrl,
    app_id: AppId,
    secret: AppSecret,
    symmetric_key: Option<SymmetricKey>,
    partner_key: Option<Arc<dyn Signer>>,
    unionpay_key: Option<Arc<dyn Verifier>>,
    signings: Vec<(&'static str, Signing)>,
}

impl App {
    /// An application with what every one is given (3.2).
    #[must_use]
    pub fn new(base: BaseUrl, app_id: AppId, secret: AppSecret) -> Self {
        Self {
            base,
            app_id,
            secret,
            symmetric_key: None,
            partner_key: None,
            unionpay_key: None,
            signings: Vec::new(),
        }
    }

    /// With the key for single fields (`symmetricKey`, 3.2).
    #[must_use]
    pub fn symmetric_key(self, key: SymmetricKey) -> Self {
        Self { symmetric_key: Some(key), ..self }
    }

    /// With the application's private key, which signs the calls that give something away
    /// (`partnerKey`, 3.1).
    ///
    /// # Errors
    /// If it signs by SHA-1, which UnionPay does not take, or if its public half was given as
    /// UnionPay's.
    pub fn partner_key(self, key: impl Signer + 'static) -> Result<Self, AppError> {
        if key.sign_type() != SignType::Rsa2 {
            return Err(AppError::SignType);
        }
        Self { partner_key: Some(Arc::new(key)), ..self }.checked()
    }

    /// With UnionPay's public key, which verifies notifications (`upPublicKey`, 3.2).
    ///
    /// # Errors
    /// If it is the public half of the application's own key.
    pub fn unionpay_key(self, key: impl Verifier + 'static) -> Result<Self, AppError> {
        Self { unionpay_key: Some(Arc::new(key)), ..self }.checked()
    }

    fn checked(self) -> Result<Self, AppError> {
        let own = self.partner_key.as_ref().and_then(|key| key.public_key());
        let other = self.unionpay_key.as_ref().and_then(|key| key.public_key());
        if own.is_some() && own == other { Err(AppError::OwnKey) } else { Ok(self) }
    }

    /// Signs a call in another way than the one that is taken for right: the spec contradicts itself
    /// about some, and `docs/unionpay.md` says about which. A call that goes by its backend token
    /// stays as it is.
    #[must_use]
    pub fn signing<C: Call>(mut self, signing: Signing) -> Self {
        self.signings.retain(|(name, _)| *name != C::NAME);
        self.signings.push((C::NAME, signing));
        self
    }

    /// The application.
    #[must_use]
    pub fn app_id(&self) -> &AppId {
        &self.app_id
    }

    /// Where the calls are.
    #[must_use]
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// What verifies notifications, if it was given.
    #[must_use]
    pub fn verifier(&self) -> Option<&dyn Verifier> {
        self.unionpay_key.as_deref()
    }

    /// A call as a request that any HTTP client can send, at this time by the wall clock. A token is
    /// needed where the call's [`CREDENTIAL`](Call::CREDENTIAL) says so.
    ///
    /// # Errors
    /// If it cannot be made. Nothing was sent.
    pub fn request<C: Call>(
        &self,
        call: &C,
        token: Option<&BackendToken>,
        at: UnixMillis,
    ) -> Result<HttpRequest, RequestError> {
        match C::CREDENTIAL {
            Credential::BackendToken => self.with_token(call, token),
            Credential::Signature(signing) => self.signed(call, signing, &Stamp::new(at)?),
        }
    }

    /// The same with a stamp that was made before, where a signature is needed.
    ///
    /// # Errors
    /// If it cannot be made. Nothing was sent.
    pub fn request_with<C: Call>(
        &self,
        call: &C,
        token: Option<&BackendToken>,
        stamp: &Stamp,
    ) -> Result<HttpRequest, RequestError> {
        match C::CREDENTIAL {
            Credential::BackendToken => self.with_token(call, token),
            Credential::Signature(signing) => self.signed(call, signing, stamp),
        }
    }

    /// Reads what came back for a call.
    ///
    /// # Errors
    /// If it proves nothing. What became of the call is then unknown.
    pub fn read<C: Call>(
        &self,
        call: &C,
        response: &HttpResponse,
    ) -> Result<Answer<C::Answer>, AnswerError> {
        answer::read(call, response, Keys(self.symmetric_key.as_ref()))
    }

    fn with_token<C: Call>(
        &self,
        call: &C,
        token: Option<&BackendToken>,
    ) -> Result<HttpRequest, RequestError> {
        let token = token.ok_or(RequestError::NoBackendToken)?;
        let params = call
            .params()
            .without_empties()
            .text("appId", self.app_id.as_str())
            .text("backendToken", token.expose());
        self.post(C::NAME, params.body(None, self.symmetric_key.as_ref())?)
    }

    fn signed<C: Call>(
        &self,
        call: &C,
        signing: Signing,
        stamp: &Stamp,
    ) -> Result<HttpRequest, RequestError> {
        let turned = self.signings.iter().find(|(name, _)| *name == C::NAME);
        let signing = turned.map_or(signing, |(_, turned)| *turned);
        let mut params = call.params();
        if signing.empties == Empties::LeftOut {
            params = params.without_empties();
        }
        let params = params
            .text("appId", self.app_id.as_str())
            .text("nonceStr", stamp.nonce_str.as_str())
            .text("timestamp", stamp.timestamp.to_string());
        let partner = self.partner_key.as_deref();
        let signature = sign(signing.method, params.pairs(), &self.secret, partner)?;
        self.post(C::NAME, params.body(Some(&signature), self.symmetric_key.as_ref())?)
    }

    fn post(&self, name: &str, body: String) -> Result<HttpRequest, RequestError> {
        let url = [self.base.as_str().trim_end_matches('/'), name].join("/");
        // 7.8 nos. 5, 20 and 30.
        Ok(HttpRequest::post(url, "application/json;charset=UTF-8", body.into_bytes()))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("base", &self.base.as_str())
            .field("app_id", &self.app_id.as_str())
            .field("signings", &self.signings)
            .finish_non_exhaustive()
    }
}

/// Why an application cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The key for notifications is the application's own.
    #[error(
        "the key that is to verify notifications is the application's own public key: UnionPay's \
         belongs there (upPublicKey)"
    )]
    OwnKey,
    /// The key signs by SHA-1.
    #[error("the partner's key signs by SHA-1, and UnionPay takes SHA256WithRSA alone")]
    SignType,
}

impl AppError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::OwnKey => advice::platform::KEY_MISPLACED,
            Self::SignType => advice::unionpay::SIGN_TYPE,
        }
    }
}

/// Why a call could not be made into a request. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The call goes by a backend token, and there was none.
    #[error("this call needs a backend token: fetch one (backendToken); nothing was sent")]
    NoBackendToken,
    /// The call is signed by the partner's key, and there is none.
    #[error(
        "this call is signed by the application's private key, and there is none: give it \
         (partnerKey); nothing was sent"
    )]
    NoPartnerKey,
    /// A field goes under the symmetric key, and there is none.
    #[error(
        "{field} is sent encrypted, and there is no key for it: give it (symmetricKey); nothing \
         was sent"
    )]
    NoSymmetricKey {
        /// The field.
        field: &'static str,
    },
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// There is no random text, or no time.
    #[error(transparent)]
    Stamp(#[from] StampError),
}

impl RequestError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::NoBackendToken => advice::unionpay::TOKEN,
            Self::NoPartnerKey | Self::NoSymmetricKey { .. } => advice::unionpay::NO_KEY,
            Self::Sign(error) => error.advice(),
            Self::Stamp(error) => error.advice(),
        }
    }
}

impl From<NotSigned> for RequestError {
    fn from(error: NotSigned) -> Self {
        match error {
            NotSigned::NoPartnerKey => Self::NoPartnerKey,
            NotSigned::Signer(error) => Self::Sign(error),
        }
    }
}
