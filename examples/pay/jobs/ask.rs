//! One call, and what its answer says.

use m26_pay::gateway::alipay::{
    Call, Close, Content as _, Effect, Fields, Query, RefundQuery, TradeRef, TradeStatus,
};

use super::Outcome;
use crate::account;
use crate::args::{Ask, Options, RefundAsk};
use crate::counter::Counter;
use crate::interrupt;
use crate::problem::Problem;
use crate::screen::{Ended, Screen, Status};

/// The exit status is about the order: whether it is paid.
pub(super) fn query(args: Ask, options: &Options, screen: Screen) -> Outcome {
    let (trade, fields) = ask(&Query::new(trade(args)?), options, screen)?;
    let status = match trade.status {
        TradeStatus::TradeSuccess | TradeStatus::TradeFinished => Status::Done,
        TradeStatus::TradeClosed => Status::NotDone,
        _ => Status::Unknown,
    };
    let amount = trade.total_amount.map_or_else(String::new, |amount| format!(", {amount} yuan"));
    let text = format!("{}: {}{amount}", trade.out_trade_no, trade.status);
    Ok(ended(status, &fields, text))
}

pub(super) fn close(args: Ask, options: &Options, screen: Screen) -> Outcome {
    let (closed, fields) = ask(&Close::new(trade(args)?), options, screen)?;
    Ok(ended(done(closed.effect()), &fields, "closed"))
}

pub(super) fn refund_query(args: RefundAsk, options: &Options, screen: Screen) -> Outcome {
    let query = RefundQuery::new(args.out_trade_no, args.out_request_no);
    let (state, fields) = ask(&query, options, screen)?;
    let text = match (state.succeeded, state.refund_amount) {
        (true, Some(amount)) => format!("{amount} yuan went back"),
        (true, None) => "the money went back".into(),
        (false, _) => "not known: there is no such refund, or not yet".into(),
    };
    Ok(ended(done(state.effect()), &fields, text))
}

/// The trade that is meant.
pub(super) fn trade(args: Ask) -> Result<TradeRef, Problem> {
    args.trade().ok_or_else(|| Problem::usage("--out-trade-no or --trade-no is needed"))
}

pub(super) fn done(effect: Effect) -> Status {
    if effect == Effect::Done { Status::Done } else { Status::Unknown }
}

pub(super) fn ended(status: Status, fields: &Fields, text: impl Into<String>) -> Ended {
    Ended { status, result: account::fields(fields), text: text.into() }
}

fn ask<C: Call>(
    call: &C,
    options: &Options,
    screen: Screen,
) -> Result<(C::Answer, Fields), Problem> {
    let counter = Counter::new(options)?;
    interrupt::handle(None, screen)?;
    counter.ask(call)
}
