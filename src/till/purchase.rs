//! [`Purchase`]: what a customer buys, and how it is paid.

use crate::alipay::{BusinessNo, Report, Sign, SignData, SignMode, SignedData};
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::alipay::{AgreementNo, AuthCode, OutTradeNo, Pay, Sale};

/// What a customer buys, and how it is paid.
///
/// ```
/// use m26_pay::gateway::alipay::{AgreementNo, OutTradeNo, Sale, Subject};
/// use m26_pay::till::Purchase;
///
/// let sale = Sale::of(OutTradeNo::new("W1_0")?, "0.50".parse()?, Subject::new("water")?).build()?;
/// let purchase = Purchase::by_agreement(sale, AgreementNo::new("20181110000000000001")?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    sale: Sale,
    payer: Payer,
    data: SignData,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Payer {
    Code(AuthCode),
    Face(AuthCode),
    Agreement(AgreementNo, BusinessNo),
}

impl Purchase {
    /// The customer shows a payment code (mode 1 of AT+ALIPAYSIGN, scene `bar_code`).
    ///
    /// # Errors
    /// If the module cannot sign it, or its report cannot carry the amount.
    pub fn by_code(sale: Sale, code: AuthCode) -> Result<Self, InvalidArgument> {
        let data = SignData::new(code.expose())?;
        Self::with(sale, Payer::Code(code), data)
    }

    /// The customer shows the face (mode 2, scene `security_code`).
    ///
    /// # Errors
    /// As [`by_code`](Self::by_code).
    pub fn by_face(sale: Sale, token: AuthCode) -> Result<Self, InvalidArgument> {
        let data = SignData::new(token.expose())?;
        Self::with(sale, Payer::Face(token), data)
    }

    /// It is paid by an agreement of the customer (mode 4, product `GENERAL_WITHHOLDING`): the
    /// water-control project, whose reports have the agreement as business_no (spec V1.0, chapter 2).
    ///
    /// # Errors
    /// As [`by_code`](Self::by_code).
    pub fn by_agreement(sale: Sale, agreement: AgreementNo) -> Result<Self, InvalidArgument> {
        let data = SignData::new(agreement.expose())?;
        let business_no = BusinessNo::new(agreement.expose())?;
        Self::with(sale, Payer::Agreement(agreement, business_no), data)
    }

    fn with(sale: Sale, payer: Payer, data: SignData) -> Result<Self, InvalidArgument> {
        if sale.total_amount() > Report::MAX_AMOUNT {
            let rule = "is above 21474836.47 yuan, the most that AT+ALIPAYREP is known to carry";
            let reason = InvalidReason::Rule(rule);
            return Err(InvalidArgument { field: "total_amount", reason });
        }
        Ok(Self { sale, payer, data })
    }

    /// The order.
    #[must_use]
    pub fn sale(&self) -> &Sale {
        &self.sale
    }

    /// What the module has to sign.
    pub(super) fn sign(&self) -> Sign {
        let mode = match self.payer {
            Payer::Code(_) => SignMode::PayerCode,
            Payer::Face(_) => SignMode::Face,
            Payer::Agreement(..) => SignMode::Withholding,
        };
        Sign::new(mode, self.data.clone()).amount(self.sale.total_amount())
    }

    /// The request for the money, with what the module has signed, if it had to sign.
    pub(super) fn pay(self, signed: Option<SignedData>) -> Pay {
        let pay = match self.payer {
            Payer::Code(code) => Pay::bar_code(self.sale, code),
            Payer::Face(token) => Pay::security_code(self.sale, token),
            Payer::Agreement(agreement, _) => Pay::withholding(self.sale, agreement),
        };
        match signed {
            Some(signed) => pay.terminal_params(signed),
            None => pay,
        }
    }

    /// The number of the order, and the business_no of its report, if that is not Alipay's number.
    pub(super) fn report_as(&self) -> Option<(OutTradeNo, BusinessNo)> {
        match &self.payer {
            Payer::Agreement(_, number) => Some((self.sale.out_trade_no().clone(), number.clone())),
            Payer::Code(_) | Payer::Face(_) => None,
        }
    }
}
