//! alipay.trade.precreate: the till shows a code, and the customer scans it.

use super::sale::Sale;
use crate::gateway::Effect;
use crate::gateway::alipay::answer::Content;
use crate::gateway::alipay::call::Call;
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{NotifyUrl, OutTradeNo, TerminalParams};
use crate::gateway::fields::{FieldError, Fields};
use crate::secret::Secret;

/// Asks for a code that the customer scans, valid for 2 hours at most. There is no trade before it is
/// scanned.
///
/// ```text
/// {"out_trade_no":"…","total_amount":"88.88","subject":"…"}    AlipayTradePrecreateModel
///
/// {"code":"10000","out_trade_no":"…","qr_code":"https://qr.alipay.com/…"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precreate {
    sale: Sale,
    terminal_params: Option<TerminalParams>,
}

impl Precreate {
    /// For this order.
    #[must_use]
    pub fn new(sale: Sale) -> Self {
        Self { sale, terminal_params: None }
    }

    /// What the module signed about this payment.
    #[must_use]
    pub fn terminal_params(self, params: impl Into<TerminalParams>) -> Self {
        Self { terminal_params: Some(params.into()), ..self }
    }

    /// The order.
    #[must_use]
    pub fn sale(&self) -> &Sale {
        &self.sale
    }
}

impl Call for Precreate {
    type Answer = Precreated;

    const METHOD: &'static str = "alipay.trade.precreate";

    fn biz_content(&self) -> String {
        let params = self.terminal_params.as_ref().map(TerminalParams::expose);
        self.sale.object().some("terminal_params", params).finish()
    }

    fn notify_url(&self) -> Option<&NotifyUrl> {
        self.sale.notify_url()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        Some(self.sale.out_trade_no())
    }

    fn read(&self, _: Code, fields: &Fields) -> Result<Precreated, FieldError> {
        Ok(Precreated {
            out_trade_no: fields.parsed("out_trade_no")?,
            qr_code: Secret::new(fields.required("qr_code")?.into_owned()),
        })
    }
}

/// A code to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Precreated {
    /// The order.
    pub out_trade_no: OutTradeNo,
    /// What the QR code holds. Whoever has it can pay the order.
    pub qr_code: Secret<String>,
}

impl Content for Precreated {
    /// The code is there. Nothing is paid.
    fn effect(&self) -> Effect {
        Effect::Done
    }
}
