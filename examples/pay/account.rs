//! An order as a JSON object, as text, and as an exit status.

use jiff::{Timestamp, Unit};
use m26_pay::gateway::alipay::Fields;
use m26_pay::gateway::alipay::payment::{Open, OpenBecause, Outcome, Request};
use m26_pay::gateway::journal::{
    Entry, EntryKind, Evidence, NotPaid, NotPaidBy, NotRefundedBy, Said, Settled, Stage,
};
use m26_pay::gateway::{Receipt, RefundReceipt};
use m26_pay::unix_time::UnixMillis;
use serde_json::Value;

use crate::language::language;
use crate::object::Object;
use crate::screen::Status;

/// What is known of an order or a refund.
pub(crate) struct Account {
    pub(crate) object: Object,
    pub(crate) text: String,
    pub(crate) status: Status,
}

impl Account {
    /// Of a payment that was run.
    pub(crate) fn of_receipt(receipt: &Receipt) -> Self {
        Self::of_payment(&receipt.entry, Some(&receipt.outcome), &receipt.requests)
    }

    /// Of a refund that was run.
    pub(crate) fn of_refund_receipt(receipt: &RefundReceipt) -> Self {
        let mut account = Self::of_entry(&receipt.entry);
        if receipt.entry.is_open() {
            // It was asked for, and nothing was proven.
            account.object = refund(&receipt.entry, Some("unknown"), "no-proof");
            account.status = Status::Unknown;
        }
        account
    }

    /// Of what the journal has.
    pub(crate) fn of_entry(entry: &Entry) -> Self {
        if let EntryKind::Refund { .. } = entry.kind {
            return Self::of_refund(entry);
        }
        let outcome = entry.outcome.as_ref();
        let outcome = outcome.and_then(|settled| Outcome::of(settled, &entry.evidence));
        Self::of_payment(entry, outcome.as_ref(), &[])
    }

    /// Of what the journal has, with who works on it and until when nobody else does.
    pub(crate) fn of_listed(entry: &Entry) -> Self {
        let Self { object, text, status } = Self::of_entry(entry);
        let Some(owner) = entry.owner.as_ref().filter(|_| entry.is_open()) else {
            return Self { object, text, status };
        };
        let (holder, until) = (owner.holder.as_str(), time(owner.until));
        let text = format!("{text}\n{holder} has it until {until}");
        Self { object: object.with("holder", holder).with("held_until", until), text, status }
    }

    /// Of an order that this run did not ask for.
    pub(crate) fn of_other(entry: &Entry, reason: &str, status: Status) -> Self {
        let account = Self::of_entry(entry);
        let text = format!("{} ({reason})", account.text);
        let object = match entry.kind {
            EntryKind::Refund { .. } => refund(entry, None, reason),
            _ => payment(entry, None, reason, &[]),
        };
        Self { object, text, status }
    }

    fn of_payment(entry: &Entry, outcome: Option<&Outcome>, requests: &[Request]) -> Self {
        let reason = outcome.map_or_else(|| entry.stage.as_str(), Outcome::reason);
        let object = payment(entry, outcome, reason, requests);
        let status = match outcome {
            Some(Outcome::Paid(_)) => Status::Done,
            Some(Outcome::NotPaid(_)) => Status::NotDone,
            Some(Outcome::Unknown(_)) | None => Status::Unknown,
        };
        let word = outcome.map_or("open", Outcome::as_str);
        let advice =
            if let Some(outcome) = outcome { outcome.advice() } else { open(entry).advice() };
        let text = format!(
            "{}: {word} ({reason}), {} yuan\n{}\n{}",
            entry.out_trade_no,
            entry.amount,
            advice.cashier(language()),
            advice.technician(language())
        );
        Self { object, text, status }
    }

    fn of_refund(entry: &Entry) -> Self {
        let (outcome, reason, status) = match &entry.outcome {
            None => (None, entry.stage.as_str(), Status::Unknown),
            Some(Settled::Refunded { .. }) => (Some("refunded"), "refunded", Status::Done),
            Some(Settled::NotRefunded(by)) => (Some("not-refunded"), by.as_str(), Status::NotDone),
            Some(_) => (Some("unknown"), "given-up", Status::Unknown),
        };
        let number = out_request_no(entry).unwrap_or_default();
        let (order, amount) = (&entry.out_trade_no, entry.amount);
        let word = outcome.unwrap_or("open");
        let text = format!("{order}, refund {number}: {word} ({reason}), {amount} yuan");
        Self { object: refund(entry, outcome, reason), text, status }
    }
}

fn payment(entry: &Entry, outcome: Option<&Outcome>, reason: &str, requests: &[Request]) -> Object {
    let (trade_no, said) = match outcome {
        Some(Outcome::Paid(paid)) => (paid.trade_no.as_ref(), None),
        Some(Outcome::NotPaid(NotPaid { trade_no, proof })) => (trade_no.as_ref(), refusal(proof)),
        Some(Outcome::Unknown(open)) => (open.evidence.trade_no.as_ref(), last(&open.evidence)),
        None => (entry.evidence.trade_no.as_ref(), last(&entry.evidence)),
    };
    let requests: Vec<_> = requests.iter().map(|request| request.as_str()).collect();
    let advice = if let Some(outcome) = outcome { outcome.advice() } else { open(entry).advice() };
    Object::new()
        .with("outcome", outcome.map(Outcome::as_str))
        .with("reason", reason)
        .with("out_trade_no", entry.out_trade_no.as_str())
        .with("trade_no", trade_no.map(|number| number.as_str()))
        .with("total_amount", entry.amount.to_string())
        .with("sub_code", said)
        .with("trade_result", outcome.map(|outcome| outcome.trade_result().code()))
        .with("requests", requests)
        .with("advice", advice.id())
}

fn refund(entry: &Entry, outcome: Option<&str>, reason: &str) -> Object {
    let said = match &entry.outcome {
        Some(Settled::NotRefunded(NotRefundedBy::Refused(said))) => sub_code(said),
        _ => last(&entry.evidence),
    };
    Object::new()
        .with("outcome", outcome)
        .with("reason", reason)
        .with("out_trade_no", entry.out_trade_no.as_str())
        .with("out_request_no", out_request_no(entry))
        .with("refund_amount", entry.amount.to_string())
        .with("sub_code", said)
}

/// An open order, as an outcome that is not there yet.
fn open(entry: &Entry) -> Outcome {
    Outcome::Unknown(Open {
        reason: OpenBecause::NoProof,
        cancelling: entry.stage == Stage::Cancelling,
        evidence: entry.evidence.clone(),
    })
}

/// As everybody reads it: `2026-11-30T03:25:00Z`.
fn time(time: UnixMillis) -> String {
    let time = Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::MAX);
    time.round(Unit::Second).unwrap_or(time).to_string()
}

fn out_request_no(entry: &Entry) -> Option<&str> {
    match &entry.kind {
        EntryKind::Refund { out_request_no } => Some(out_request_no.as_str()),
        _ => None,
    }
}

fn refusal(proof: &NotPaidBy) -> Option<String> {
    match proof {
        NotPaidBy::Refused(said) => sub_code(said),
        _ => None,
    }
}

fn last(evidence: &Evidence) -> Option<String> {
    evidence.last.as_ref().and_then(sub_code)
}

/// As it shows itself: one that does not look like Alipay's may be anything.
fn sub_code(said: &Said) -> Option<String> {
    said.sub_code.as_ref().map(ToString::to_string)
}

/// An answer's fields, as Alipay names them, without who the buyer is.
pub(crate) fn fields(fields: &Fields) -> Object {
    fields.names().fold(Object::new(), |object, name| {
        let json = fields.json(name).unwrap_or("null");
        if is_personal(name) || (json.starts_with(['[', '{']) && is_personal(json)) {
            return object.with(name, Value::from("[redacted]"));
        }
        // Between its parts it may have the ends of lines, and each object has one line.
        object.nest(name, &json.replace(['\n', '\r'], " "))
    })
}

fn is_personal(text: &str) -> bool {
    PERSONAL.iter().any(|word| text.contains(word))
}

/// Parts of the names of members that say who the buyer is, or what else is theirs
/// (AlipayTradePayResponse, AlipayTradeQueryResponse).
const PERSONAL: &[&str] = &[
    "auth_code",
    "buyer_logon",
    "buyer_open",
    "buyer_user",
    "card_balance",
    "login_id",
    "logon_id",
    "open_id",
    "payer",
    "user_id",
    "user_name",
];
