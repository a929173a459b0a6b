//! Giving money back.

use m26_pay::engine::Certainty;
use m26_pay::gateway::RefundReceipt;
use m26_pay::gateway::alipay::refunding::RefundOutcome;
use m26_pay::gateway::alipay::{Call as _, Meaning, Refund};
use m26_pay::gateway::journal::{NotRefundedBy, Said};

use super::payment::Running;
use super::{Outcome, payment};
use crate::account;
use crate::args::{self, Options};
use crate::problem::Problem;
use crate::screen::{Ended, Screen, Status};
use crate::trouble;

pub(super) fn refund(args: args::Refund, options: &Options, screen: Screen) -> Outcome {
    let args::RefundAsk { out_trade_no, out_request_no } = args.which;
    let mut refund = Refund::of(out_trade_no.clone(), out_request_no.clone(), args.amount);
    if let Some(reason) = args.reason {
        refund = refund.reason(reason);
    }
    let refund = refund.build()?;
    let Running { payments, stop, .. } = payment::open(options, screen)?;
    let receipt = payments.refund(refund, &stop)?;
    match &receipt.outcome {
        RefundOutcome::Refunded(amount) => {
            let amount = amount.to_string();
            let numbers = [
                ("out_trade_no", out_trade_no.as_str()),
                ("out_request_no", out_request_no.as_str()),
                ("refund_amount", &amount),
            ];
            let said = receipt.answer.unwrap_or_default();
            // No answer says all of them, and the journal has no answer.
            let missing = numbers.into_iter().filter(|(name, _)| said.json(name).is_none());
            let result = missing
                .fold(account::fields(&said), |object, (name, value)| object.with(name, value));
            let text = format!("{out_trade_no}: {amount} yuan went back");
            Ok(Ended { status: Status::Done, result, text })
        }
        RefundOutcome::NotRefunded(NotRefundedBy::Refused(said)) => {
            let message = format!("not refunded: {}", meaning(said));
            Err(trouble::said(Problem::new("refused", Certainty::Refused, message), said))
        }
        RefundOutcome::NotRefunded(_) => {
            let problem = match receipt.trouble {
                Some(trouble) => Problem::from(trouble),
                None => Problem::new("not-sent", Certainty::NotSent, "not refunded"),
            };
            Err(trouble::and(
                problem,
                Certainty::NotSent,
                "ask for it again with the same out_request_no",
            ))
        }
        RefundOutcome::Unknown(_) => Err(unknown(receipt)),
    }
}

fn unknown(receipt: RefundReceipt) -> Problem {
    let why = receipt.trouble.map(|trouble| format!(" ({trouble})")).unwrap_or_default();
    let message = format!("{UNKNOWN}{why}");
    let problem = Problem::new("unknown", Certainty::Unknown, message);
    match &receipt.entry.evidence.last {
        Some(said) => trouble::said(problem, said),
        None => problem,
    }
}

fn meaning(said: &Said) -> &'static str {
    Meaning::of(Refund::METHOD, said.code, said.sub_code.as_ref()).description
}

const UNKNOWN: &str = "not known whether the money went back: ask for the same refund again, with \
                       the same out_request_no";
