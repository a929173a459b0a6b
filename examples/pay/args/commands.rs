//! The options of each command.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use m26_pay::amount::Amount;
use m26_pay::gateway::SignType;
use m26_pay::gateway::alipay::{
    AuthCode, Body, NotifyUrl, OperatorId, OutRequestNo, OutTradeNo, RefundReason, RequestTime,
    SellerId, StoreId, Subject, TerminalId, TimeoutExpress, TradeNo, TradeRef,
};

use crate::seconds;

/// What is sold.
#[derive(Args)]
pub(crate) struct Order {
    /// The merchant's number of this attempt: 1 to 64 letters, digits, `_` or `-`.
    #[arg(long, value_name = "N")]
    pub(crate) out_trade_no: OutTradeNo,
    /// The amount, in yuan.
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(crate) amount: Amount,
    /// What the customer reads.
    #[arg(long, value_name = "T")]
    pub(crate) subject: Subject,
}

#[derive(Args)]
pub(crate) struct Pay {
    #[command(flatten)]
    pub(crate) order: Order,
    /// The customer's payment code.
    #[arg(long, value_name = "C")]
    pub(crate) auth_code: AuthCode,
    /// The merchant's number of the store.
    #[arg(long, value_name = "S")]
    pub(crate) store_id: Option<StoreId>,
    /// The merchant's number of the till.
    #[arg(long, value_name = "T")]
    pub(crate) terminal_id: Option<TerminalId>,
    /// The merchant's number of who works at the till.
    #[arg(long, value_name = "O")]
    pub(crate) operator_id: Option<OperatorId>,
    /// When Alipay itself closes an order that nobody paid: 1m to 15d, or 1c.
    #[arg(long, value_name = "TIME", default_value = "2m")]
    pub(crate) timeout_express: TimeoutExpress,
    /// A file with what the module signed about this payment.
    #[arg(long, value_name = "F")]
    pub(crate) terminal_params_file: Option<PathBuf>,
    /// What the customer shows: a bar or QR code, or the face.
    #[arg(long, value_enum, default_value = "bar-code")]
    pub(crate) scene: Scene,
}

/// What the customer shows.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Scene {
    BarCode,
    SecurityCode,
}

#[derive(Args)]
pub(crate) struct Precreate {
    #[command(flatten)]
    pub(crate) order: Order,
    /// Wait for the customer, for --poll-for. Without it the order stays open in the journal.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Args)]
pub(crate) struct OrderString {
    #[command(flatten)]
    pub(crate) order: Order,
    /// A longer description.
    #[arg(long, value_name = "T")]
    pub(crate) body: Option<Body>,
    /// Who receives the money, if not the merchant who has the contract.
    #[arg(long, value_name = "S")]
    pub(crate) seller_id: Option<SellerId>,
    /// When Alipay closes an order that nobody paid: 1m to 15d, or 1c.
    #[arg(long, value_name = "T")]
    pub(crate) timeout_express: Option<TimeoutExpress>,
    /// Where Alipay shall say that the trade changed.
    #[arg(long, value_name = "U")]
    pub(crate) notify_url: Option<NotifyUrl>,
    /// The kind of signature. RSA takes keys of 1024 bits too, and is in a program that was built with
    /// the feature `legacy-rsa`.
    #[arg(long, value_enum, ignore_case = true, default_value = "RSA2")]
    pub(crate) sign_type: SignKind,
    /// When it is made, in Beijing; now, if it is left out.
    #[arg(long, value_name = "YYYY-MM-DD hh:mm:ss")]
    pub(crate) at: Option<RequestTime>,
}

/// The kind of signature.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SignKind {
    #[value(name = "RSA2")]
    Rsa2,
    #[value(name = "RSA")]
    Rsa,
}

impl From<SignKind> for SignType {
    fn from(kind: SignKind) -> Self {
        match kind {
            SignKind::Rsa => Self::Rsa,
            SignKind::Rsa2 => Self::Rsa2,
        }
    }
}

#[derive(Args)]
pub(crate) struct CheckNotify {
    /// The body of the POST, byte for byte; `-` for standard input.
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    /// The header Content-Type that came with it.
    #[arg(long, value_name = "T")]
    pub(crate) content_type: Option<String>,
    /// The amount that it must have, in yuan.
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(crate) amount: Option<Amount>,
    /// The order that it must be about.
    #[arg(long, value_name = "N")]
    pub(crate) out_trade_no: Option<OutTradeNo>,
    /// Who must have received the money.
    #[arg(long, value_name = "S")]
    pub(crate) seller_id: Option<SellerId>,
    /// How long ago Alipay may have sent it. Without it none is too old: what was not answered is sent
    /// again for 25 hours.
    #[arg(long, value_name = "SECONDS", value_parser = seconds::seconds)]
    pub(crate) max_age: Option<Duration>,
}

#[derive(Args)]
pub(crate) struct CheckAnswer {
    /// The body of the answer, byte for byte; `-` for standard input.
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    /// The call that it answers, such as alipay.trade.query.
    #[arg(long, value_name = "M")]
    pub(crate) method: String,
    /// The header Content-Type that came with it.
    #[arg(long, value_name = "T")]
    pub(crate) content_type: Option<String>,
}

/// Which trade is meant.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Ask {
    /// The order, by the merchant's number.
    #[arg(long, value_name = "N")]
    out_trade_no: Option<OutTradeNo>,
    /// The trade, by Alipay's number.
    #[arg(long, value_name = "T")]
    trade_no: Option<TradeNo>,
}

impl Ask {
    /// The trade. One of both is there.
    pub(crate) fn trade(self) -> Option<TradeRef> {
        let by_ours = self.out_trade_no.map(TradeRef::OutTradeNo);
        by_ours.or(self.trade_no.map(TradeRef::TradeNo))
    }
}

#[derive(Args)]
pub(crate) struct RefundAsk {
    /// The order, by the merchant's number.
    #[arg(long, value_name = "N")]
    pub(crate) out_trade_no: OutTradeNo,
    /// The merchant's number of this refund: the same one asks for the same refund again.
    #[arg(long, value_name = "R")]
    pub(crate) out_request_no: OutRequestNo,
}

#[derive(Args)]
pub(crate) struct Refund {
    #[command(flatten)]
    pub(crate) which: RefundAsk,
    /// How much goes back, in yuan.
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(crate) amount: Amount,
    /// Why.
    #[arg(long, value_name = "T")]
    pub(crate) reason: Option<RefundReason>,
}

#[derive(Args)]
pub(crate) struct Settle {
    /// Go on until Ctrl-C or SIGTERM: look so often which orders are due, and print each one that
    /// was asked for. Any number of hosts may do so with one journal.
    #[arg(long, value_name = "S", value_parser = crate::day::wait)]
    pub(crate) every: Option<Duration>,
}

#[derive(Subcommand)]
pub(crate) enum Orders {
    /// The orders and refunds that are open.
    List,
    /// One order, with its refunds.
    Show(Number),
    /// A person looked after this order: nothing asks for it any more.
    GiveUp(Number),
}

#[derive(Args)]
pub(crate) struct Number {
    /// The order, by the merchant's number.
    #[arg(value_name = "N")]
    pub(crate) out_trade_no: OutTradeNo,
}

#[derive(Args)]
pub(crate) struct Key {
    /// The file: PEM, DER, or base64 without PEM's lines.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
