//! What a customer buys.

use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::{
    AgreementNo, AuthCode, Body, NotifyUrl, OperatorId, OutTradeNo, Pay, Precreate, Sale, SellerId,
    StoreId, Subject, TerminalId, TerminalParams, TimeoutExpress,
};
use m26_pay::till::Purchase;

use crate::alipay::{M26PAY_NO_AMOUNT, m26pay_fen};
use crate::boundary::enter;
use crate::failure::Failure;
use crate::pointer::{self, Options, Out};
use crate::status::{M26PAY_INVALID, m26pay_status};
use crate::text::{self, m26pay_str};

/// How a customer pays.
pub type m26pay_payer = i32;

/// The customer shows a payment code (`bar_code`; the module signs in its mode 1).
pub const M26PAY_PAYER_CODE: m26pay_payer = 1;
/// The customer shows the face (`security_code`; mode 2).
pub const M26PAY_PAYER_FACE: m26pay_payer = 2;
/// By an agreement that the customer made before (`GENERAL_WITHHOLDING`; mode 4).
pub const M26PAY_PAYER_AGREEMENT: m26pay_payer = 3;

/// What a customer buys, and how it is paid. Begin with `m26pay_purchase_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_purchase {
    /// The size of this structure, which `m26pay_purchase_init` writes.
    pub size: usize,
    /// The merchant's number of this attempt: 1 to 64 letters, digits, `_` or `-`. Each attempt has a new one.
    pub out_trade_no: m26pay_str,
    /// What it costs, in fen: `M26PAY_NO_AMOUNT`, which is refused.
    pub amount: m26pay_fen,
    /// What the customer reads about it, at most 256 characters.
    pub subject: m26pay_str,
    /// How the customer pays. There is no default, and `m26pay_payments_precreate` does not look at it.
    pub payer: m26pay_payer,
    /// The payment code, the token of the face, or the number of the agreement. It is a secret.
    pub payer_code: m26pay_str,
    /// What a module has signed, where the payments have none that signs: none. It is a secret.
    pub terminal_params: m26pay_str,
    /// A longer description: none.
    pub body: m26pay_str,
    /// The merchant's number of the store: none.
    pub store_id: m26pay_str,
    /// Who works at the till: none.
    pub operator_id: m26pay_str,
    /// The till: none.
    pub terminal_id: m26pay_str,
    /// Who receives the money, if not the application's own merchant: none.
    pub seller_id: m26pay_str,
    /// The number of who made this program (`sys_service_provider_id`): none.
    pub service_provider: m26pay_str,
    /// When Alipay closes an order that nobody paid, such as "90m": none, which is after two minutes.
    pub timeout_express: m26pay_str,
    /// Where Alipay shall say that the trade changed: none.
    pub notify_url: m26pay_str,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_purchase {}

/// Writes the defaults. Number, amount, subject and payer have to be given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_purchase_init(purchase: *mut m26pay_purchase) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("purchase", purchase) }?;
        to.write(m26pay_purchase {
            size: size_of::<m26pay_purchase>(),
            out_trade_no: m26pay_str::NONE,
            amount: M26PAY_NO_AMOUNT,
            subject: m26pay_str::NONE,
            payer: 0,
            payer_code: m26pay_str::NONE,
            terminal_params: m26pay_str::NONE,
            body: m26pay_str::NONE,
            store_id: m26pay_str::NONE,
            operator_id: m26pay_str::NONE,
            terminal_id: m26pay_str::NONE,
            seller_id: m26pay_str::NONE,
            service_provider: m26pay_str::NONE,
            timeout_express: m26pay_str::NONE,
            notify_url: m26pay_str::NONE,
        });
        Ok(())
    })
}

/// What the caller sells: every text of it was copied.
pub(super) struct Ordered {
    sale: Sale,
    params: Option<TerminalParams>,
}

/// Who pays.
pub(super) enum Payer {
    Code(AuthCode),
    Face(AuthCode),
    Agreement(AgreementNo),
}

impl Ordered {
    /// With the payer.
    ///
    /// # Safety
    /// As [`pointer::options`], and as [`text::text`] for the texts in it.
    pub(super) unsafe fn with_payer(
        purchase: *const m26pay_purchase,
    ) -> Result<(Self, Payer), Failure> {
        // SAFETY: as the caller promises.
        let it = unsafe { pointer::options("purchase", purchase) }?;
        // SAFETY: as the caller promises.
        let code = unsafe { text::text("payer_code", it.payer_code) }?;
        let payer = match it.payer {
            M26PAY_PAYER_CODE => Payer::Code(AuthCode::new(code)?),
            M26PAY_PAYER_FACE => Payer::Face(AuthCode::new(code)?),
            M26PAY_PAYER_AGREEMENT => Payer::Agreement(AgreementNo::new(code)?),
            other => return Err(Failure::unknown_value("m26pay_payer", other)),
        };
        // SAFETY: as the caller promises.
        Ok((unsafe { Self::of(&it) }?, payer))
    }

    /// Without one, for a code that the customer scans.
    ///
    /// # Safety
    /// As [`with_payer`](Self::with_payer).
    pub(super) unsafe fn without_payer(purchase: *const m26pay_purchase) -> Result<Self, Failure> {
        // SAFETY: as the caller promises.
        let it = unsafe { pointer::options("purchase", purchase) }?;
        // SAFETY: as the caller promises.
        unsafe { Self::of(&it) }
    }

    /// # Safety
    /// As [`text::text`] for the texts in it.
    unsafe fn of(it: &m26pay_purchase) -> Result<Self, Failure> {
        let text = |what, it| {
            // SAFETY: as the caller promises.
            unsafe { text::optional(what, it) }
        };
        // SAFETY: as the caller promises.
        let number = OutTradeNo::new(unsafe { text::text("out_trade_no", it.out_trade_no) }?)?;
        // SAFETY: as the caller promises.
        let subject = Subject::new(unsafe { text::text("subject", it.subject) }?)?;
        let mut sale = Sale::of(number, Amount::from_fen(it.amount)?, subject);
        if let Some(body) = text("body", it.body)? {
            sale = sale.body(Body::new(body)?);
        }
        if let Some(store_id) = text("store_id", it.store_id)? {
            sale = sale.store_id(StoreId::new(store_id)?);
        }
        if let Some(operator_id) = text("operator_id", it.operator_id)? {
            sale = sale.operator_id(OperatorId::new(operator_id)?);
        }
        if let Some(terminal_id) = text("terminal_id", it.terminal_id)? {
            sale = sale.terminal_id(TerminalId::new(terminal_id)?);
        }
        if let Some(seller_id) = text("seller_id", it.seller_id)? {
            sale = sale.seller_id(SellerId::new(seller_id)?);
        }
        if let Some(id) = text("service_provider", it.service_provider)? {
            sale = sale.service_provider(SellerId::new(id)?);
        }
        if let Some(timeout) = text("timeout_express", it.timeout_express)? {
            sale = sale.expiry(timeout.parse::<TimeoutExpress>()?);
        }
        if let Some(url) = text("notify_url", it.notify_url)? {
            sale = sale.notify_url(NotifyUrl::new(url)?);
        }
        let params = match text("terminal_params", it.terminal_params)? {
            Some(params) => Some(TerminalParams::new(params)?),
            None => None,
        };
        Ok(Self { sale: sale.build()?, params })
    }

    /// For payments whose module signs.
    pub(super) fn purchase(self, payer: Payer) -> Result<Purchase, Failure> {
        if self.params.is_some() {
            return Err(Failure::misuse(M26PAY_INVALID, SIGNED_TWICE));
        }
        Ok(match payer {
            Payer::Code(code) => Purchase::by_code(self.sale, code)?,
            Payer::Face(token) => Purchase::by_face(self.sale, token)?,
            Payer::Agreement(agreement) => Purchase::by_agreement(self.sale, agreement)?,
        })
    }

    /// For payments without a module.
    pub(super) fn pay(self, payer: Payer) -> Pay {
        let pay = match payer {
            Payer::Code(code) => Pay::bar_code(self.sale, code),
            Payer::Face(token) => Pay::security_code(self.sale, token),
            Payer::Agreement(agreement) => Pay::withholding(self.sale, agreement),
        };
        match self.params {
            Some(params) => pay.terminal_params(params),
            None => pay,
        }
    }

    pub(super) fn precreate(self) -> Precreate {
        let precreate = Precreate::new(self.sale);
        match self.params {
            Some(params) => precreate.terminal_params(params),
            None => precreate,
        }
    }
}

const SIGNED_TWICE: &str =
    "terminal_params is given, and these payments have a module that signs: leave it out";
