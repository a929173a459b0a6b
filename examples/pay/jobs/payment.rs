//! Taking money: by the customer's code, and by one that the customer scans.

use std::fs;
use std::time::Instant;

use m26_pay::engine::Certainty;
use m26_pay::gateway::alipay::payment::{OpenBecause, Outcome as Paid, Payment, WaitsFor};
use m26_pay::gateway::alipay::{Identity, Pay, Precreate, Sale, TerminalParams};
use m26_pay::gateway::journal::NotPaidBy;
use m26_pay::gateway::{Payments, Receipt, Stop};

use super::Outcome;
use crate::account::Account;
use crate::args::{self, Options, Scene};
use crate::book::{self, Book};
use crate::counter::{Carrier, Counter};
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Ended, Screen, Status, note};
use crate::trouble;
use crate::{interrupt, qr};

pub(super) fn pay(args: args::Pay, options: &Options, screen: Screen) -> Outcome {
    let pay = order(args)?;
    let Running { payments, stop, .. } = open(options, screen)?;
    let mut progress = Progress::default();
    let receipt = payments.pay(pay, &stop, |payment, now| progress.tell(payment, now))?;
    ended(receipt)
}

pub(super) fn precreate(args: args::Precreate, options: &Options, screen: Screen) -> Outcome {
    let args::Order { out_trade_no, amount, subject } = args.order;
    let number = out_trade_no.clone();
    let precreate = Precreate::new(Sale::of(out_trade_no, amount, subject).build()?);
    let Running { payments, stop, .. } = open(options, screen)?;
    let mut progress = Progress::default();
    let mut shown = None;
    let watch = |payment: &Payment, now: Instant| {
        if let (None, Some(code)) = (&shown, payment.qr_code()) {
            qr::show(code.expose(), screen.json, args.wait);
            shown = Some(code.clone());
        }
        progress.tell(payment, now);
    };
    let receipt = if args.wait {
        payments.precreate(precreate, &stop, watch)?
    } else {
        payments.offer(precreate, &stop, watch)?
    };
    match (&receipt.outcome, shown) {
        (Paid::Unknown(open), Some(code)) if open.reason == OpenBecause::Offered => Ok(Ended {
            status: Status::Done,
            result: Object::new()
                .with("out_trade_no", number.as_str())
                .with("qr_code", code.expose().as_str()),
            text: format!("{number}: the customer scans {}", code.expose()),
        }),
        _ => ended(receipt),
    }
}

/// A merchant's payments, which Ctrl-C stops.
pub(super) struct Running {
    pub(super) payments: Payments<Carrier, Book>,
    pub(super) identity: Identity,
    pub(super) stop: Stop,
}

pub(super) fn open(options: &Options, screen: Screen) -> Result<Running, Problem> {
    open_for(options, screen, "stopped: what is not paid yet is cancelled")
}

/// The same, with what is said when it is stopped.
pub(super) fn open_for(
    options: &Options,
    screen: Screen,
    stopped: &'static str,
) -> Result<Running, Problem> {
    let counter = Counter::new(options)?;
    let identity = counter.merchant.identity();
    let payments = counter.payments(book::journal(options)?, options);
    let stop = Stop::new();
    interrupt::handle(Some((stop.clone(), stopped)), screen)?;
    Ok(Running { payments, identity, stop })
}

fn order(args: args::Pay) -> Result<Pay, Problem> {
    let args::Order { out_trade_no, amount, subject } = args.order;
    let mut sale = Sale::of(out_trade_no, amount, subject).expiry(args.timeout_express);
    if let Some(store_id) = args.store_id {
        sale = sale.store_id(store_id);
    }
    if let Some(terminal_id) = args.terminal_id {
        sale = sale.terminal_id(terminal_id);
    }
    if let Some(operator_id) = args.operator_id {
        sale = sale.operator_id(operator_id);
    }
    let sale = sale.build()?;
    let pay = match args.scene {
        Scene::BarCode => Pay::bar_code(sale, args.auth_code),
        Scene::SecurityCode => Pay::security_code(sale, args.auth_code),
    };
    let Some(path) = args.terminal_params_file else { return Ok(pay) };
    let text = fs::read_to_string(&path).map_err(|error| {
        Problem::io(format_args!("--terminal-params-file {}: {error}", path.display()))
    })?;
    // The end of the last line is the editor's; all else is signed.
    Ok(pay.terminal_params(TerminalParams::new(text.trim_end_matches(['\r', '\n']))?))
}

/// What a payment came to. One of which nothing was sent has failed.
fn ended(receipt: Receipt) -> Outcome {
    let account = Account::of_receipt(&receipt);
    if let Paid::NotPaid(not_paid) = &receipt.outcome {
        if let NotPaidBy::NotSent | NotPaidBy::NotWritten = not_paid.proof {
            let problem = match receipt.trouble {
                Some(trouble) => Problem::from(trouble),
                None => Problem::new(
                    "not-sent",
                    Certainty::NotSent,
                    "the journal has this number as one of which nothing was sent",
                ),
            };
            return Err(trouble::and(
                problem,
                Certainty::NotSent,
                "use a new out_trade_no for the next attempt",
            ));
        }
    }
    if let (Paid::Unknown(_), Some(trouble)) = (&receipt.outcome, receipt.trouble) {
        note(&Problem::from(trouble).text());
    }
    let Account { object, text, status } = account;
    Ok(Ended { status, result: object, text })
}

/// Tells what is waited for, once for each thing.
#[derive(Default)]
struct Progress(Option<WaitsFor>);

impl Progress {
    fn tell(&mut self, payment: &Payment, now: Instant) {
        let progress = payment.progress(now);
        if self.0.replace(progress.waits_for) == Some(progress.waits_for) {
            return;
        }
        let what = match progress.waits_for {
            WaitsFor::Alipay => "asking Alipay",
            WaitsFor::Customer => "waiting for the customer",
            WaitsFor::Proof => "asking Alipay what became of it",
            WaitsFor::Cancel => "cancelling",
            _ => return,
        };
        note(&format_args!("{what}, at most {} s", progress.at_most.as_secs()));
    }
}
