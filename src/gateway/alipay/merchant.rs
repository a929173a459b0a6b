//! Who asks: an application with its keys.

use std::fmt;
use std::sync::Arc;

use super::answer::{self, Answer, AnswerError, Proof};
use super::call::Call;
use super::certificate::Certificates;
use super::order_string::{AppOrder, AppResult, OrderString, ResultStatus};
use super::params::Params;
use super::request_time::RequestTime;
use super::text::{AppAuthToken, AppId, GatewayUrl, SellerId};
use crate::advice::{self, Advice};
use crate::gateway::charset::Charset;
use crate::gateway::{HttpRequest, HttpResponse, SignError, Signer, Verifier};
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
    certificates: Option<Arc<Certificates>>,
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
            certificates: None,
        })
    }

    /// An application in certificate mode (公钥证书方式): its requests name the certificates, and its
    /// answers are verified with the key in Alipay's.
    ///
    /// # Errors
    /// If the application's certificate is of another key than the one that signs, or is given as
    /// Alipay's too.
    pub fn with_certificates(
        gateway: GatewayUrl,
        app_id: AppId,
        signer: impl Signer + 'static,
        certificates: Certificates,
    ) -> Result<Self, MerchantError> {
        let own = signer.public_key();
        if own.is_some_and(|own| own != certificates.app_key().as_der()) {
            return Err(MerchantError::AppCertificate);
        }
        let merchant = Self::new(gateway, app_id, signer, certificates.alipay_key().clone())?;
        Ok(Self { certificates: Some(Arc::new(certificates)), ..merchant })
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
        let (content, at) = (call.biz_content(), RequestTime::of_clock(at)?);
        self.common(C::METHOD, &content, &at)
            .some("notify_url", call.notify_url().map(|url| url.as_str()))
            .request(self.gateway.as_str(), self.charset, &*self.signer)
    }

    /// An order as the string with which an app opens Alipay. Nothing is sent.
    ///
    /// ```
    /// # use m26_pay::gateway::alipay::{AppId, GatewayUrl, Merchant};
    /// # use m26_pay::gateway::{SignError, Signer, Verifier};
    /// # #[derive(Debug)]
    /// # struct Key;
    /// # impl Signer for Key {
    /// #     fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> { Ok(vec![0; 256]) }
    /// # }
    /// # impl Verifier for Key {
    /// #     fn verify(&self, _: &[u8], signature: &[u8]) -> bool { signature == [0; 3] }
    /// # }
    /// # let merchant = Merchant::new(GatewayUrl::live(), AppId::new("2026000000000001")?, Key, Key)?;
    /// use m26_pay::gateway::alipay::{AppOrder, OutTradeNo, Subject, RequestTime};
    /// use m26_pay::unix_time::UnixMillis;
    ///
    /// let number = OutTradeNo::new("A10001_0")?;
    /// let order = AppOrder::in_app(number, "9.00".parse()?, Subject::new("午餐")?).build()?;
    /// let now = RequestTime::of_clock(UnixMillis(1_795_957_200_000))?;
    /// let string = merchant.order_string(&order, &now)?;
    /// // A JSON text is how the app gets it.
    /// let reply = serde_json::json!({ "order_string": string.as_str() }).to_string();
    /// assert!(reply.contains("&timestamp=2026-11-29%2021%3A00%3A00&version=1.0&sign="));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it cannot be signed.
    pub fn order_string(
        &self,
        order: &AppOrder,
        at: &RequestTime,
    ) -> Result<OrderString, RequestError> {
        self.common(order.method(), &order.biz_content(), at)
            .some("notify_url", order.notify_url())
            .some("return_url", order.return_url())
            .order_string(self.charset, &*self.signer)
            .map(OrderString::new)
    }

    /// The common parameters of a call and its own, which come as one.
    fn common<'a>(
        &'a self,
        method: &'a str,
        biz_content: &'a str,
        at: &'a RequestTime,
    ) -> Params<'a> {
        let token = self.app_auth_token.as_ref().map(AppAuthToken::expose);
        let certificates = self.certificates.as_deref();
        let root = certificates.map(Certificates::alipay_root_cert_sn);
        Params::default()
            .some("alipay_root_cert_sn", root)
            .some("app_cert_sn", certificates.map(Certificates::app_cert_sn))
            .set("app_id", self.app_id.as_str())
            .some("app_auth_token", token)
            .set("biz_content", biz_content)
            .set("charset", self.charset.name())
            .set("format", "json")
            .set("method", method)
            .set("sign_type", self.signer.sign_type().name())
            .set("timestamp", at.as_str())
            .set("version", "1.0")
    }

    /// Reads what the app handed back for an order: `resultStatus` and `result`.
    ///
    /// # Errors
    /// If the result proves nothing: it does not verify, or speaks of another order, amount, seller or
    /// application. Whether the order was paid is then unknown.
    pub fn read_app_result(
        &self,
        order: &AppOrder,
        status: ResultStatus,
        result: &str,
    ) -> Result<AppResult, AnswerError> {
        AppResult::read(order, (status, result), &self.app_id, self.proof())
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
        answer::read(call, response, self.proof())
    }

    fn proof(&self) -> Proof<'_> {
        Proof {
            charset: self.charset,
            verifier: &*self.verifier,
            alipay_cert_sn: self.certificates.as_deref().map(Certificates::alipay_cert_sn),
        }
    }
}

impl Merchant {
    /// What verifies, and the charset of what does not say which it has.
    pub(super) fn reads_with(&self) -> (&dyn Verifier, Charset) {
        (&*self.verifier, self.charset)
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
    /// The application's certificate is of another key than the one that signs.
    #[error(
        "the application's certificate (应用公钥证书) is not that of the private key: give the key \
         that its request was made with, or the certificate of this one"
    )]
    AppCertificate,
    /// The key for answers is the application's own.
    #[error(
        "the key that is to verify answers is the application's own public key (应用公钥): the \
         platform's belongs there (支付宝公钥, from the developer centre)"
    )]
    OwnKey,
}

impl MerchantError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::AppCertificate => advice::alipay::APP_CERTIFICATE,
            Self::OwnKey => advice::alipay::OWN_KEY,
        }
    }
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

impl RequestError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Charset(_) => advice::alipay::CHARSET,
            Self::Clock => advice::platform::CLOCK,
            Self::Sign(error) => error.advice(),
        }
    }
}
