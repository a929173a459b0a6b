//! Who asks: an application with its keys.

use std::fmt;
use std::sync::Arc;

use super::answer::{self, Answer, AnswerError};
use super::call::Call;
use super::params::Params;
use super::text::{AppAuthToken, AppId, GatewayUrl, SellerId};
use crate::gateway::charset::Charset;
use crate::gateway::{HttpRequest, HttpResponse, SignError, Signer, Verifier, beijing};
use crate::unix_time::UnixMillis;

/// An application of a merchant at one gateway: signs calls and reads their answers.
///
/// Everything that it needs is its own, so any number of merchants live in one process. A clone shares
/// the keys.
#[derive(Clone)]
pub struct Merchant {
    gateway: GatewayUrl,
    app_id: AppId,
    seller_id: Option<SellerId>,
    app_auth_token: Option<AppAuthToken>,
    charset: Charset,
    signer: Arc<dyn Signer>,
    verifier: Arc<dyn Verifier>,
}

impl Merchant {
    /// An application with the key that signs its requests and the platform's key that verifies the
    /// answers.
    ///
    /// # Errors
    /// If the second key is the public half of the first: that is the application's own, and the
    /// platform's belongs there. It is the commonest fault of all integrations.
    pub fn new(
        gateway: GatewayUrl,
        app_id: AppId,
        signer: impl Signer + 'static,
        verifier: impl Verifier + 'static,
    ) -> Result<Self, MerchantError> {
        let own = signer.public_key();
        if own.is_some() && own == verifier.public_key() {
            return Err(MerchantError::OwnKey);
        }
        Ok(Self {
            gateway,
            app_id,
            seller_id: None,
            app_auth_token: None,
            charset: Charset::Utf8,
            signer: Arc::new(signer),
            verifier: Arc::new(verifier),
        })
    }

    /// Whose money it is, where the application acts for more than one.
    #[must_use]
    pub fn seller_id(self, seller_id: SellerId) -> Self {
        Self { seller_id: Some(seller_id), ..self }
    }

    /// The token with which the application acts for another merchant (第三方应用授权).
    #[must_use]
    pub fn app_auth_token(self, token: AppAuthToken) -> Self {
        Self { app_auth_token: Some(token), ..self }
    }

    /// The charset of requests.
    #[must_use]
    pub fn charset(self, charset: Charset) -> Self {
        Self { charset, ..self }
    }

    /// Whose orders these are.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            gateway: self.gateway.clone(),
            app_id: self.app_id.clone(),
            seller_id: self.seller_id.clone(),
        }
    }

    /// A call as a request that any HTTP client can send, at this time by the wall clock.
    ///
    /// The same call again differs from it in nothing but timestamp and signature.
    ///
    /// # Errors
    /// If it cannot be signed. Nothing was sent.
    pub fn request<C: Call>(&self, call: &C, at: UnixMillis) -> Result<HttpRequest, RequestError> {
        if !beijing::is_set(at) {
            return Err(RequestError::Clock);
        }
        let timestamp = beijing::timestamp(at).ok_or(RequestError::Clock)?;
        let token = self.app_auth_token.as_ref().map(AppAuthToken::expose);
        Params::default()
            .set("app_id", self.app_id.as_str())
            .some("app_auth_token", token)
            .set("biz_content", call.biz_content())
            .set("charset", self.charset.name())
            .set("format", "json")
            .set("method", C::METHOD)
            .some("notify_url", call.notify_url().map(|url| url.as_str()))
            .set("sign_type", self.signer.sign_type().name())
            .set("timestamp", timestamp)
            .set("version", "1.0")
            .request(self.gateway.as_str(), self.charset, &*self.signer)
    }

    /// Reads what came back for a call.
    ///
    /// # Errors
    /// If it proves nothing: it is no answer, does not verify, or speaks of another order. What
    /// became of the call is then unknown.
    pub fn read<C: Call>(
        &self,
        call: &C,
        response: &HttpResponse,
    ) -> Result<Answer<C::Answer>, AnswerError> {
        answer::read(call, response, self.charset, &*self.verifier)
    }
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("gateway", &self.gateway.as_str())
            .field("app_id", &self.app_id.as_str())
            .field("seller_id", &self.seller_id)
            .field("charset", &self.charset)
            .finish_non_exhaustive()
    }
}

/// Whose orders these are: at another gateway, of another application or of another merchant nobody
/// knows them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The gateway's address.
    pub gateway: GatewayUrl,
    /// The application.
    pub app_id: AppId,
    /// The merchant, if the application acts for more than one.
    pub seller_id: Option<SellerId>,
}

/// Why a merchant cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MerchantError {
    /// The key for answers is the application's own.
    #[error(
        "the key that is to verify answers is the application's own public key (应用公钥): the \
         platform's belongs there (支付宝公钥, from the developer centre)"
    )]
    OwnKey,
}

/// Why a call could not be made into a request. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A character that the merchant's charset does not have.
    #[error("a text holds a character that the request's charset does not have (U+{:04X}), nothing was sent", u32::from(*.0))]
    Charset(char),
    /// The clock of this host was never set.
    #[error(
        "the clock of this host is not set, so the gateway would refuse the request: set it; nothing was sent"
    )]
    Clock,
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}
