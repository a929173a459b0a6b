//! What the words of the simulated gateway mean to the machine.

use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::payment::{Heard, HeardTrade};
use m26_pay::gateway::alipay::{Code, Effect, Meaning, OutTradeNo, SubCode, TradeNo};
use m26_pay::gateway::journal::Said as Codes;
use m26_pay::secret::Secret;
use m26_pay::sim::gateway::alipay::{Action, LineReply, Method, ReplyKind, Status, TradeAnswer};

/// What a reply to a call of this method means.
pub fn hear(method: Method, reply: LineReply) -> Heard {
    let LineReply { said, answer: Some(answer) } = reply else { return Heard::Unclear(None) };
    match said {
        ReplyKind::Truth | ReplyKind::Gbk | ReplyKind::Instead(..) | ReplyKind::WrongAmount => {}
        _ => return Heard::Unclear(None),
    }
    match answer {
        TradeAnswer::Paid(trade) => Heard::Paid(of(&trade)),
        TradeAnswer::Waiting(trade) => Heard::Waiting(of(&trade)),
        TradeAnswer::Found(trade) => match trade.status {
            Status::Success => Heard::Paid(of(&trade)),
            Status::Finished => Heard::Finished(of(&trade)),
            Status::Wait => Heard::Waiting(of(&trade)),
            Status::Closed => Heard::Closed(of(&trade)),
        },
        TradeAnswer::Cancelled { out_trade_no, trade_no, action } => {
            let out_trade_no = out_trade_no.as_deref().map(number);
            let trade_no = trade_no.map(|no| TradeNo::new(no.to_string()).unwrap());
            let trade = HeardTrade { out_trade_no, trade_no, total_amount: None };
            match action {
                Some(Action::Close) => Heard::Cancelled(trade),
                Some(Action::Refund) => Heard::Refunded(trade),
                None => Heard::NoAction(trade),
            }
        }
        TradeAnswer::Offered { serial, .. } => {
            Heard::Code(Secret::new(format!("https://qr.example/{serial}")))
        }
        TradeAnswer::Refused { code, sub_code } => refused(method, code, sub_code),
        _ => Heard::Unclear(None),
    }
}

fn refused(method: Method, code: u16, sub_code: &str) -> Heard {
    let (code, sub_code) = (Code(code.into()), SubCode::new(sub_code));
    let effect = Meaning::of(method.wire(), code, Some(&sub_code)).effect;
    let absent = method == Method::Query && sub_code == SubCode::TRADE_NOT_EXIST;
    let said = Codes { code, sub_code: Some(sub_code), verified: true };
    match effect {
        _ if absent => Heard::NotExist(said),
        Effect::NotDone => Heard::Refused(said),
        _ => Heard::Unclear(Some(said)),
    }
}

fn of(trade: &m26_pay::sim::gateway::alipay::TradeView) -> HeardTrade {
    HeardTrade {
        out_trade_no: Some(number(&trade.out_trade_no)),
        trade_no: Some(TradeNo::new(trade.trade_no.to_string()).unwrap()),
        total_amount: Some(Amount::from_fen(trade.total.0).unwrap()),
    }
}

fn number(text: &str) -> OutTradeNo {
    OutTradeNo::new(text).unwrap()
}
