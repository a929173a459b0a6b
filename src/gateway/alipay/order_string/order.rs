//! What an app asks Alipay to take: the parameters of an order string.

use super::texts::{AuthToken, OwnField, ProductCode, ReturnUrl};
use crate::amount::Amount;
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::alipay::text::{Body, NotifyUrl, OutTradeNo, SellerId, Subject, unreserved};
use crate::gateway::alipay::trade::{TimeoutExpress, at_least_a_fen};
use crate::gateway::json::Object;
use crate::gateway::text::check;

/// An order that the customer pays in an app (`alipay.trade.app.pay`) or on a web page
/// (`alipay.trade.wap.pay`).
///
/// ```text
/// app_id=2026…&biz_content={"out_trade_no":"70501111111S001111119","total_amount":"9.00",
///   "subject":"大樂透","timeout_express":"90m","product_code":"QUICK_MSECURITY_PAY"}&charset=utf-8
///   &format=json&method=alipay.trade.app.pay&notify_url=https://…&sign_type=RSA2
///   &timestamp=2026-11-29 21:00:00&version=1.0                 spec App支付, 請求示例
/// ```
///
/// | parameter | limit of the spec | here |
/// |---|---|---|
/// | `app_id`, `app_auth_token` | 32, – | the [`Merchant`](crate::gateway::alipay::Merchant)'s |
/// | `method` | 128 | by the constructor |
/// | `format` | 40, "JSON", and `json` in the examples | `json`, always |
/// | `charset` | 10 | the merchant's: `utf-8` or `GBK` |
/// | `sign_type` | 10, "RSA" alone | the signer's: RSA2, or RSA with the feature `legacy-rsa` |
/// | `sign` | 256 | no limit: RSA2 with 2048 bits has 344 characters, so the two do not agree |
/// | `timestamp` | 19 | [`RequestTime`](crate::gateway::alipay::RequestTime) |
/// | `version` | 3 | `1.0` |
/// | `notify_url` | 256, required in the table, optional in the model and left out of two examples | optional, 256 |
/// | `return_url` | in the model alone, without a limit | optional, [`ReturnUrl`] |
/// | `body` | 128 | [`Body`] |
/// | `subject` | 256 | [`Subject`], without `/`, `=` and `&` |
/// | `out_trade_no` | 64 | [`OutTradeNo`] |
/// | `timeout_express` | 6, 1m to 15d, 1c | [`TimeoutExpress`] |
/// | `total_amount` | 9 characters, and 0.01 to 100000000, which has 12 with its fen | the range: the two do not agree |
/// | `seller_id` | 16 | [`SellerId`] of at most 16: other calls take 28 |
/// | `product_code` | 64 | [`ProductCode`] |
/// | `auth_token` | in the web page's example alone | [`AuthToken`], of a web page only |
/// | any other | below `biz_content`, under a name that is none of Alipay's | [`OwnField`] |
///
/// ```
/// use m26_pay::gateway::alipay::{AppOrder, OutTradeNo, Subject};
///
/// let number = OutTradeNo::new("70501111111S001111119")?;
/// let order = AppOrder::in_app(number, "9.00".parse()?, Subject::new("大乐透")?)
///     .timeout_express("90m".parse()?)
///     .build()?;
/// assert_eq!(order.method(), "alipay.trade.app.pay");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppOrder(AppOrderBuilder);

/// An [`AppOrder`] that is being put together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is no order before it is built"]
pub struct AppOrderBuilder {
    method: &'static str,
    out_trade_no: OutTradeNo,
    total_amount: Amount,
    subject: Subject,
    body: Option<Body>,
    seller_id: Option<SellerId>,
    timeout_express: Option<TimeoutExpress>,
    product_code: Option<ProductCode>,
    auth_token: Option<AuthToken>,
    own: Vec<OwnField>,
    notify_url: Option<NotifyUrl>,
    return_url: Option<ReturnUrl>,
}

impl AppOrder {
    /// An order that the customer pays in Alipay's app.
    pub fn in_app(
        out_trade_no: OutTradeNo,
        total_amount: Amount,
        subject: Subject,
    ) -> AppOrderBuilder {
        AppOrderBuilder {
            method: IN_APP,
            out_trade_no,
            total_amount,
            subject,
            body: None,
            seller_id: None,
            timeout_express: None,
            product_code: None,
            auth_token: None,
            own: Vec::new(),
            notify_url: None,
            return_url: None,
        }
    }

    /// An order that the customer pays on a web page.
    pub fn on_web_page(
        out_trade_no: OutTradeNo,
        total_amount: Amount,
        subject: Subject,
    ) -> AppOrderBuilder {
        let order = Self::in_app(out_trade_no, total_amount, subject);
        AppOrderBuilder { method: ON_WEB_PAGE, ..order }
    }

    /// As the parameter `method` says it.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.0.method
    }

    /// The merchant's number of the order.
    #[must_use]
    pub fn out_trade_no(&self) -> &OutTradeNo {
        &self.0.out_trade_no
    }

    /// What the customer pays.
    #[must_use]
    pub fn total_amount(&self) -> Amount {
        self.0.total_amount
    }

    /// Who receives the money, if that is said.
    #[must_use]
    pub fn seller_id(&self) -> Option<&SellerId> {
        self.0.seller_id.as_ref()
    }

    pub(in crate::gateway::alipay) fn notify_url(&self) -> Option<&str> {
        self.0.notify_url.as_ref().map(NotifyUrl::as_str)
    }

    pub(in crate::gateway::alipay) fn return_url(&self) -> Option<&str> {
        self.0.return_url.as_ref().map(ReturnUrl::as_str)
    }

    /// The business parameters, as one JSON object.
    #[must_use]
    pub fn biz_content(&self) -> String {
        let order = &self.0;
        let timeout = order.timeout_express.map(|timeout| timeout.to_string());
        let product = order.product_code.as_ref().map_or(PRODUCT, ProductCode::as_str);
        let object = Object::new()
            .text("out_trade_no", order.out_trade_no.as_str())
            .amount("total_amount", Some(order.total_amount))
            .text("subject", order.subject.as_str())
            .some("body", order.body.as_ref().map(Body::as_str))
            .some("seller_id", order.seller_id.as_ref().map(SellerId::as_str))
            .some("timeout_express", timeout.as_deref())
            .text("product_code", product)
            .some("auth_token", order.auth_token.as_ref().map(AuthToken::expose));
        let own = order.own.iter();
        own.fold(object, |object, own| object.text(own.name(), own.value())).finish()
    }
}

impl AppOrderBuilder {
    /// A longer description.
    pub fn body(self, body: Body) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Who receives the money, if not the merchant who has the contract.
    pub fn seller_id(self, seller_id: SellerId) -> Self {
        Self { seller_id: Some(seller_id), ..self }
    }

    /// When Alipay closes the order if nobody paid it. It is sent only if it is given: until then the
    /// order can be paid, so give it.
    pub fn timeout_express(self, timeout: TimeoutExpress) -> Self {
        Self { timeout_express: Some(timeout), ..self }
    }

    /// What the merchant has a contract for: `QUICK_MSECURITY_PAY` otherwise, as in all of the spec's
    /// examples. Contracts for web pages of today are about `QUICK_WAP_WAY`.
    pub fn product_code(self, code: ProductCode) -> Self {
        Self { product_code: Some(code), ..self }
    }

    /// The customer's token, for an order on a web page.
    pub fn auth_token(self, token: AuthToken) -> Self {
        Self { auth_token: Some(token), ..self }
    }

    /// One more parameter of the merchant's own.
    pub fn own_field(mut self, field: OwnField) -> Self {
        self.own.push(field);
        self
    }

    /// Where Alipay shall say that the trade changed.
    pub fn notify_url(self, url: NotifyUrl) -> Self {
        Self { notify_url: Some(url), ..self }
    }

    /// Where the customer's browser goes then.
    pub fn return_url(self, url: ReturnUrl) -> Self {
        Self { return_url: Some(url), ..self }
    }

    /// The order.
    ///
    /// # Errors
    /// If the amount is nothing, the seller's number has more than 16 digits, an address holds a
    /// reserved `key=`, a token is given without a web page, or a parameter comes twice.
    pub fn build(self) -> Result<AppOrder, InvalidArgument> {
        at_least_a_fen("total_amount", self.total_amount)?;
        if let Some(seller_id) = &self.seller_id {
            check("seller_id", seller_id.as_str(), SELLER_ID, |_| Ok(()))?;
        }
        let urls = [
            ("notify_url", self.notify_url.as_ref().map(NotifyUrl::as_str)),
            ("return_url", self.return_url.as_ref().map(ReturnUrl::as_str)),
        ];
        for (field, url) in urls {
            let checked = url.map_or(Ok(()), unreserved);
            checked.map_err(|reason| InvalidArgument { field, reason })?;
        }
        if self.auth_token.is_some() && self.method != ON_WEB_PAGE {
            let reason = InvalidReason::Rule("is for an order on a web page");
            return Err(InvalidArgument { field: "auth_token", reason });
        }
        let mut names: Vec<_> = self.own.iter().map(OwnField::name).collect();
        names.sort_unstable();
        if names.windows(2).any(|two| two[0] == two[1]) {
            let reason = InvalidReason::Rule("must not have the name of another one");
            return Err(InvalidArgument { field: "own parameter", reason });
        }
        Ok(AppOrder(self))
    }
}

pub(super) const IN_APP: &str = "alipay.trade.app.pay";

/// Spec App支付, 特殊說明, whose examples have this method.
pub(super) const ON_WEB_PAGE: &str = "alipay.trade.wap.pay";

/// Spec App支付, the example of `product_code`.
const PRODUCT: &str = "QUICK_MSECURITY_PAY";

/// Spec App支付, 業務參數.
const SELLER_ID: usize = 16;
