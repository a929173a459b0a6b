//! What a payment or a refund came to.

use std::time::Duration;

use m26_pay::advice::{Advice, Language};
use m26_pay::error::with_causes;
use m26_pay::gateway::alipay::TradeNo;
use m26_pay::gateway::alipay::payment::{Open, OpenBecause, Outcome};
use m26_pay::gateway::alipay::refunding::RefundOutcome;
use m26_pay::gateway::alipay::settle::SettlePolicy;
use m26_pay::gateway::journal::{
    Entry, EntryKind, Evidence, NotPaidBy, NotRefundedBy, Said, Settled, Stage,
};
use m26_pay::gateway::{Receipt, RefundReceipt, Trouble};

use crate::alipay::m26pay_fen;
use crate::memory::{Texts, m26pay_memory};
use crate::status::{M26PAY_OK, m26pay_status};
use crate::text::m26pay_str;

/// It is proven that no money stays with the merchant. A receipt was written.
pub const M26PAY_NOT_PAID: m26pay_status = 2;
/// It is proven that the refund was not made. A receipt was written.
pub const M26PAY_NOT_REFUNDED: m26pay_status = 3;
/// Neither is proven: it may be paid, or become so. A receipt was written; the journal has the order, and
/// `m26pay_payments_settle` asks for it. Do not give the goods, and do not take the money again.
pub const M26PAY_UNKNOWN: m26pay_status = 4;

/// What a payment or a refund came to. `memory` is to be freed by `m26pay_memory_free`; in a callback it is not,
/// and the texts live as long as the call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_receipt {
    /// `M26PAY_OK` if it is paid, or refunded; `M26PAY_NOT_PAID`, `M26PAY_NOT_REFUNDED` or `M26PAY_UNKNOWN`.
    pub outcome: m26pay_status,
    /// Whether it is a refund.
    pub refund: bool,
    /// Whether `m26pay_payments_settle` of these payments asks for it again.
    pub open: bool,
    /// The amount of the order or of the refund, in fen.
    pub amount: m26pay_fen,
    /// Why, in one word, for programs: what proves it, such as "query" and "cancelled", or why nothing does,
    /// such as "no-proof".
    pub reason: m26pay_str,
    /// The merchant's number of the order.
    pub out_trade_no: m26pay_str,
    /// The merchant's number of the refund, or (NULL, 0).
    pub out_request_no: m26pay_str,
    /// Alipay's number of the trade, or (NULL, 0). It is personal data.
    pub trade_no: m26pay_str,
    /// The code with which Alipay refused, such as "ACQ.TRADE_NOT_EXIST", or (NULL, 0).
    pub sub_code: m26pay_str,
    /// What the customer scans, of `m26pay_payments_precreate`, or (NULL, 0). Who has it can pay.
    pub qr_code: m26pay_str,
    /// What to do, for programs, logs and manuals: an identifier that stays the same from version to version.
    pub advice: m26pay_str,
    /// What to do, for the cashier, in the language of the payments.
    pub cashier: m26pay_str,
    /// The cause and the remedy, for the technician.
    pub technician: m26pay_str,
    /// What went wrong last, for a log, or (NULL, 0) if nothing did. It holds no secret.
    pub trouble: m26pay_str,
    /// Where the texts live.
    pub memory: m26pay_memory,
}

/// What is known of an order or a refund, for a receipt.
pub(super) struct Account<'a> {
    outcome: m26pay_status,
    reason: &'static str,
    advice: Advice,
    entry: &'a Entry,
    trade_no: Option<&'a TradeNo>,
    said: Option<&'a Said>,
    trouble: Option<&'a Trouble>,
    qr_code: Option<&'a str>,
    /// It is of another gateway, application or merchant.
    not_ours: bool,
}

impl<'a> Account<'a> {
    /// Of a payment that was run.
    pub(super) fn of_payment(receipt: &'a Receipt, qr_code: Option<&'a str>) -> Self {
        let account = Self::of_outcome(&receipt.outcome, &receipt.entry);
        Self { trouble: receipt.trouble.as_ref(), qr_code, ..account }
    }

    /// Of a refund that was run.
    pub(super) fn of_refund(receipt: &'a RefundReceipt) -> Self {
        let account = Self::of_refund_outcome(&receipt.outcome, &receipt.entry);
        Self { trouble: receipt.trouble.as_ref(), ..account }
    }

    /// Of what the journal has. `otherwise` is what is said of one that is open.
    pub(super) fn of_entry(entry: &'a Entry, otherwise: &'static str) -> Self {
        if matches!(entry.kind, EntryKind::Refund { .. }) {
            let outcome = match &entry.outcome {
                Some(Settled::Refunded { amount }) => RefundOutcome::Refunded(*amount),
                Some(Settled::NotRefunded(by)) => RefundOutcome::NotRefunded(by.clone()),
                _ => RefundOutcome::Unknown(entry.evidence.clone()),
            };
            let account = Self::of_refund_outcome(&outcome, entry);
            let reason = match &entry.outcome {
                None => otherwise,
                Some(Settled::GivenUp) => OpenBecause::GivenUp.as_str(),
                Some(_) => account.reason,
            };
            return Self { reason, ..account };
        }
        let settled = entry.outcome.as_ref();
        if let Some(outcome) = settled.and_then(|settled| Outcome::of(settled, &entry.evidence)) {
            return Self::of_outcome(&outcome, entry);
        }
        let outcome = Outcome::Unknown(Open {
            reason: OpenBecause::NoProof,
            cancelling: entry.stage == Stage::Cancelling,
            evidence: Evidence::default(),
        });
        Self { reason: otherwise, ..Self::of_outcome(&outcome, entry) }
    }

    /// Of what the journal has open of another gateway, application or merchant.
    pub(super) fn not_ours(entry: &'a Entry) -> Self {
        Self { not_ours: true, ..Self::of_entry(entry, "not-ours") }
    }

    fn of_outcome(outcome: &Outcome, entry: &'a Entry) -> Self {
        let number = match outcome {
            Outcome::Paid(_) => M26PAY_OK,
            Outcome::NotPaid(_) => M26PAY_NOT_PAID,
            Outcome::Unknown(_) => M26PAY_UNKNOWN,
        };
        Self::new(number, outcome.reason(), outcome.advice().sentences(), entry)
    }

    fn of_refund_outcome(outcome: &RefundOutcome, entry: &'a Entry) -> Self {
        let number = match outcome {
            RefundOutcome::Refunded(_) => M26PAY_OK,
            RefundOutcome::NotRefunded(_) => M26PAY_NOT_REFUNDED,
            RefundOutcome::Unknown(_) => M26PAY_UNKNOWN,
        };
        Self::new(number, outcome.reason(), outcome.advice(), entry)
    }

    fn new(outcome: m26pay_status, reason: &'static str, advice: Advice, entry: &'a Entry) -> Self {
        let (mut trade_no, mut said) =
            (entry.evidence.trade_no.as_ref(), entry.evidence.last.as_ref());
        match &entry.outcome {
            Some(Settled::Paid(paid)) => (trade_no, said) = (paid.trade_no.as_ref(), None),
            Some(Settled::NotPaid(not_paid)) => {
                trade_no = not_paid.trade_no.as_ref();
                said = match &not_paid.proof {
                    NotPaidBy::Refused(said) => Some(said),
                    _ => None,
                };
            }
            Some(Settled::NotRefunded(NotRefundedBy::Refused(by))) => said = Some(by),
            Some(Settled::Refunded { .. } | Settled::NotRefunded(_)) => said = None,
            _ => {}
        }
        let (trouble, qr_code, not_ours) = (None, None, false);
        Self { outcome, reason, advice, entry, trade_no, said, trouble, qr_code, not_ours }
    }

    pub(super) fn outcome(&self) -> m26pay_status {
        self.outcome
    }

    /// Whether it is asked for again. So is an outcome that the journal did not take.
    fn is_open(&self) -> bool {
        if self.not_ours {
            return false;
        }
        let is_written = !matches!(self.trouble, Some(Trouble::Journal(_)));
        self.entry.is_open() || self.entry.version > 0 && !is_written
    }

    /// After how long it is to be asked for, if it stays open.
    pub(super) fn ask_after(&self) -> Option<Duration> {
        // A customer may scan a code until then. To ask for it cancels what is scanned and not paid.
        let is_offered = self.reason == OpenBecause::Offered.as_str();
        let wait =
            if is_offered { self.entry.expires_after } else { SettlePolicy::default().first };
        self.is_open().then_some(wait)
    }

    /// For the caller to keep.
    pub(super) fn keep(&self, language: Language) -> m26pay_receipt {
        let (receipt, texts) = self.texts(language);
        let placed = texts.keep();
        m26pay_receipt { memory: placed.memory, ..receipt }
    }

    /// Shows it while a call lasts.
    pub(super) fn show(&self, language: Language, to: impl FnOnce(&m26pay_receipt)) {
        let (receipt, _texts) = self.texts(language);
        to(&receipt);
    }

    /// With the texts, which do not move when they are kept.
    fn texts(&self, language: Language) -> (m26pay_receipt, Texts) {
        let entry = self.entry;
        let request = match &entry.kind {
            EntryKind::Refund { out_request_no } => Some(out_request_no.as_str()),
            _ => None,
        };
        // As it shows itself: one that does not look like Alipay's may be anything.
        let sub_code = self.said.and_then(|said| said.sub_code.as_ref()).map(ToString::to_string);
        let trouble = self.trouble.map(|trouble| with_causes(trouble));

        let mut texts = Texts::default();
        let mut add = |text: Option<&str>| text.map(|text| texts.add(text));
        let reason = add(Some(self.reason));
        let out_trade_no = add(Some(entry.out_trade_no.as_str()));
        let out_request_no = add(request);
        let trade_no = add(self.trade_no.map(TradeNo::as_str));
        let sub_code = add(sub_code.as_deref());
        let qr_code = add(self.qr_code);
        let advice = add(Some(self.advice.id()));
        let cashier = add(Some(self.advice.cashier(language)));
        let technician = add(Some(self.advice.technician(language)));
        let trouble = add(trouble.as_deref());
        let receipt = m26pay_receipt {
            outcome: self.outcome,
            refund: request.is_some(),
            open: self.is_open(),
            amount: entry.amount.fen(),
            reason: texts.optional(reason),
            out_trade_no: texts.optional(out_trade_no),
            out_request_no: texts.optional(out_request_no),
            trade_no: texts.optional(trade_no),
            sub_code: texts.optional(sub_code),
            qr_code: texts.optional(qr_code),
            advice: texts.optional(advice),
            cashier: texts.optional(cashier),
            technician: texts.optional(technician),
            trouble: texts.optional(trouble),
            memory: m26pay_memory { id: 0 },
        };
        (receipt, texts)
    }
}
