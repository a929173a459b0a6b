//! What is sold: the parameters that `pay` and `precreate` share.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::amount::Amount;
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::alipay::text::{
    AlipayStoreId, Body, NotifyUrl, OperatorId, OutTradeNo, QueryOption, SellerId, StoreId,
    Subject, TerminalId,
};
use crate::gateway::beijing;
use crate::gateway::json::Object;
use crate::gateway::text::{any, check};
use crate::unix_time::UnixMillis;

/// An order: its number, its amount, what it is about, and who sells it.
///
/// ```
/// use m26_pay::gateway::alipay::{OutTradeNo, Sale, StoreId, Subject};
///
/// let sale = Sale::of(OutTradeNo::new("A10001_0")?, "10.25".parse()?, Subject::new("午餐")?)
///     .store_id(StoreId::new("NJ_001")?)
///     .build()?;
/// assert_eq!(sale.total_amount().fen(), 1025);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale(SaleBuilder);

/// A [`Sale`] that is being put together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is no sale before it is built"]
pub struct SaleBuilder {
    out_trade_no: OutTradeNo,
    total_amount: Amount,
    subject: Subject,
    body: Option<Body>,
    store_id: Option<StoreId>,
    alipay_store_id: Option<AlipayStoreId>,
    operator_id: Option<OperatorId>,
    terminal_id: Option<TerminalId>,
    seller_id: Option<SellerId>,
    service_provider: Option<SellerId>,
    discountable: Option<Amount>,
    undiscountable: Option<Amount>,
    expiry: Expiry,
    goods: Vec<Goods>,
    query_options: Vec<QueryOption>,
    notify_url: Option<NotifyUrl>,
}

impl Sale {
    /// An order with this number, over this amount.
    pub fn of(out_trade_no: OutTradeNo, total_amount: Amount, subject: Subject) -> SaleBuilder {
        SaleBuilder {
            out_trade_no,
            total_amount,
            subject,
            body: None,
            store_id: None,
            alipay_store_id: None,
            operator_id: None,
            terminal_id: None,
            seller_id: None,
            service_provider: None,
            discountable: None,
            undiscountable: None,
            expiry: Expiry::default(),
            goods: Vec::new(),
            query_options: Vec::new(),
            notify_url: None,
        }
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

    /// What the customer reads.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// When Alipay closes the order if nobody paid it.
    #[must_use]
    pub fn expiry(&self) -> Expiry {
        self.0.expiry
    }

    pub(super) fn notify_url(&self) -> Option<&NotifyUrl> {
        self.0.notify_url.as_ref()
    }

    /// `biz_content` with all of it.
    pub(super) fn object(&self) -> Object {
        let sale = &self.0;
        let object = Object::new()
            .text("out_trade_no", sale.out_trade_no.as_str())
            .amount("total_amount", Some(sale.total_amount))
            .text("subject", sale.subject.as_str())
            .some("body", sale.body.as_ref().map(Body::as_str))
            .some("store_id", sale.store_id.as_ref().map(StoreId::as_str))
            .some("alipay_store_id", sale.alipay_store_id.as_ref().map(AlipayStoreId::as_str))
            .some("operator_id", sale.operator_id.as_ref().map(OperatorId::as_str))
            .some("terminal_id", sale.terminal_id.as_ref().map(TerminalId::as_str))
            .some("seller_id", sale.seller_id.as_ref().map(SellerId::as_str))
            .amount("discountable_amount", sale.discountable)
            .amount("undiscountable_amount", sale.undiscountable)
            .list("goods_detail", sale.goods.iter().map(Goods::json))
            .list("query_options", sale.query_options.iter().map(|option| format!("\"{option}\"")));
        let object = match sale.expiry {
            Expiry::In(timeout) => object.text("timeout_express", &timeout.to_string()),
            Expiry::At(at) => object.some("time_expire", beijing::timestamp(at).as_deref()),
        };
        match &sale.service_provider {
            Some(id) => {
                let params = Object::new().text("sys_service_provider_id", id.as_str());
                object.raw("extend_params", &params.finish())
            }
            None => object,
        }
    }
}

impl SaleBuilder {
    /// A longer description.
    pub fn body(self, body: Body) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The merchant's number of the store.
    pub fn store_id(self, store_id: StoreId) -> Self {
        Self { store_id: Some(store_id), ..self }
    }

    /// Alipay's number of the store.
    pub fn alipay_store_id(self, store_id: AlipayStoreId) -> Self {
        Self { alipay_store_id: Some(store_id), ..self }
    }

    /// Who works at the till.
    pub fn operator_id(self, operator_id: OperatorId) -> Self {
        Self { operator_id: Some(operator_id), ..self }
    }

    /// The till.
    pub fn terminal_id(self, terminal_id: TerminalId) -> Self {
        Self { terminal_id: Some(terminal_id), ..self }
    }

    /// Who receives the money, if not the application's own merchant.
    pub fn seller_id(self, seller_id: SellerId) -> Self {
        Self { seller_id: Some(seller_id), ..self }
    }

    /// The number of who made this program, for its share (`sys_service_provider_id`).
    pub fn service_provider(self, id: SellerId) -> Self {
        Self { service_provider: Some(id), ..self }
    }

    /// The part of the amount to which discounts apply.
    pub fn discountable_amount(self, amount: Amount) -> Self {
        Self { discountable: Some(amount), ..self }
    }

    /// The part of the amount to which none apply.
    pub fn undiscountable_amount(self, amount: Amount) -> Self {
        Self { undiscountable: Some(amount), ..self }
    }

    /// When Alipay closes the order if nobody paid it: after 2 minutes otherwise, as in the spec's
    /// example. It is always sent, so that no order stays open that nobody asks about.
    pub fn expiry(self, expiry: impl Into<Expiry>) -> Self {
        Self { expiry: expiry.into(), ..self }
    }

    /// One more article.
    pub fn goods(mut self, goods: Goods) -> Self {
        self.goods.push(goods);
        self
    }

    /// One more thing that the answer shall tell.
    pub fn query_option(mut self, option: QueryOption) -> Self {
        self.query_options.push(option);
        self
    }

    /// Where Alipay shall say that the trade changed.
    pub fn notify_url(self, url: NotifyUrl) -> Self {
        Self { notify_url: Some(url), ..self }
    }

    /// The order.
    ///
    /// # Errors
    /// If the amount is nothing, or its two parts do not make it up.
    pub fn build(self) -> Result<Sale, InvalidArgument> {
        at_least_a_fen("total_amount", self.total_amount)?;
        let fen = |amount: Option<Amount>| amount.map(|amount| u128::from(amount.fen()));
        let total = u128::from(self.total_amount.fen());
        let (discounted, full) = (fen(self.discountable), fen(self.undiscountable));
        let parts = discounted.unwrap_or(0) + full.unwrap_or(0);
        // AlipayTradePayModel, `discountable_amount`: 如果同时传入了…则必须满足…
        if parts > total || (discounted.is_some() && full.is_some() && parts != total) {
            return Err(InvalidArgument {
                field: "discountable_amount",
                reason: InvalidReason::Rule(
                    "and undiscountable_amount together must be total_amount",
                ),
            });
        }
        match self.expiry {
            Expiry::At(at) if beijing::timestamp(at).is_none() => Err(InvalidArgument {
                field: "time_expire",
                reason: InvalidReason::Rule("must be in a year of four digits"),
            }),
            _ => Ok(Sale(self)),
        }
    }
}

/// Alipay takes 0.01 yuan and more.
pub(in crate::gateway::alipay) fn at_least_a_fen(
    field: &'static str,
    amount: Amount,
) -> Result<(), InvalidArgument> {
    if amount.fen() > 0 {
        return Ok(());
    }
    Err(InvalidArgument { field, reason: InvalidReason::Rule("must be at least 0.01 yuan") })
}

/// When Alipay closes an order that nobody paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expiry {
    /// So long after it was made (`timeout_express`).
    In(TimeoutExpress),
    /// At this time (`time_expire`).
    At(UnixMillis),
}

impl Default for Expiry {
    fn default() -> Self {
        Self::In(TimeoutExpress { count: 2, unit: 'm' })
    }
}

impl From<TimeoutExpress> for Expiry {
    fn from(timeout: TimeoutExpress) -> Self {
        Self::In(timeout)
    }
}

/// How long an order may be paid: `1m` to `15d`, in whole minutes, hours or days, or `1c`, the end of
/// the day.
///
/// ```
/// use m26_pay::gateway::alipay::TimeoutExpress;
///
/// assert_eq!("90m".parse::<TimeoutExpress>()?.to_string(), "90m");
/// assert!("1.5h".parse::<TimeoutExpress>().is_err());
/// assert!("16d".parse::<TimeoutExpress>().is_err());
/// # Ok::<(), m26_pay::argument::InvalidArgument>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeoutExpress {
    count: u16,
    unit: char,
}

impl TimeoutExpress {
    /// How long that is; for `1c`, how long it is at most.
    #[must_use]
    pub fn longest(self) -> Duration {
        let minutes = match self.unit {
            'm' => 1,
            'h' => 60,
            _ => 24 * 60,
        };
        Duration::from_secs(60 * minutes * u64::from(self.count))
    }
}

impl FromStr for TimeoutExpress {
    type Err = InvalidArgument;

    fn from_str(text: &str) -> Result<Self, InvalidArgument> {
        let rule = InvalidReason::Rule("must be 1m to 15d, in whole m, h or d, or 1c");
        let error = InvalidArgument { field: "timeout_express", reason: rule };
        let unit = text.chars().last().ok_or_else(|| error.clone())?;
        let digits = &text[..text.len() - unit.len_utf8()];
        let count =
            digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let limit = match unit {
            'm' => 15 * 24 * 60,
            'h' => 15 * 24,
            'd' => 15,
            'c' => 1,
            _ => 0,
        };
        match count {
            Some(count) if (1..=limit).contains(&count) => Ok(Self { count, unit }),
            _ => Err(error),
        }
    }
}

impl fmt::Display for TimeoutExpress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit)
    }
}

/// An article of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    id: String,
    name: String,
    quantity: u32,
    price: Amount,
}

impl Goods {
    /// So many of an article at this price each.
    ///
    /// # Errors
    /// If number or name are empty or too long, or there is none of it.
    pub fn new(
        id: &str,
        name: &str,
        quantity: u32,
        price: Amount,
    ) -> Result<Self, InvalidArgument> {
        check("goods_id", id, 64, any)?;
        check("goods_name", name, 256, any)?;
        if quantity == 0 {
            let reason = InvalidReason::Rule("must be at least 1");
            return Err(InvalidArgument { field: "quantity", reason });
        }
        Ok(Self { id: id.to_owned(), name: name.to_owned(), quantity, price })
    }

    fn json(&self) -> String {
        Object::new()
            .text("goods_id", &self.id)
            .text("goods_name", &self.name)
            .raw("quantity", &self.quantity.to_string())
            .amount("price", Some(self.price))
            .finish()
    }
}
