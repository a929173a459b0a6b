//! What can be written on the command line.

mod commands;
mod options;

use clap::{Parser, Subcommand};

pub(crate) use commands::{
    Ask, CheckAnswer, CheckNotify, Key, Order, OrderString, Orders, Pay, Precreate, Refund,
    RefundAsk, Scene, Settle,
};
pub(crate) use options::{Options, Where};

/// Takes money by Alipay's payment codes, and asks, cancels and gives back.
///
/// What the outcome of a payment is has to be proven: until then the order stays open in the journal,
/// and `settle` asks for it.
#[derive(Parser)]
#[command(name = "pay", version, after_help = HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Take a payment by the customer's code, until it is paid, not paid, or not known in time.
    ///
    /// A number is paid once, for ever: what the journal has of it is settled, and told.
    Pay(Box<Pay>),
    /// Ask what became of an order: it ends with 0 if that is paid, with 10 if it is closed.
    Query(Ask),
    /// Cancel an order of which nobody knows the outcome: what was paid goes back.
    Cancel(Ask),
    /// Close an order that the customer has yet to pay.
    Close(Ask),
    /// Give money of an order back.
    Refund(Refund),
    /// Ask what became of a refund.
    RefundQuery(RefundAsk),
    /// Get a code that the customer scans, and draw it on a terminal.
    Precreate(Box<Precreate>),
    /// Make the string with which an app opens Alipay. Nothing is sent, and no gateway is needed.
    OrderString(Box<OrderString>),
    /// Whether a notification is Alipay's and about what is expected. No gateway is needed.
    CheckNotify(Box<CheckNotify>),
    /// Whether an answer is Alipay's, and the text that is signed in it. No gateway is needed.
    CheckAnswer(CheckAnswer),
    /// Ask for every open order of the journal, once or all the time.
    Settle(Settle),
    /// What the journal has.
    #[command(subcommand, arg_required_else_help = false)]
    Orders(Orders),
    /// What key is this?
    Key(Key),
}

impl Command {
    /// The name that objects carry.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Pay(_) => "pay",
            Self::Query(_) => "query",
            Self::Cancel(_) => "cancel",
            Self::Close(_) => "close",
            Self::Refund(_) => "refund",
            Self::RefundQuery(_) => "refund-query",
            Self::Precreate(_) => "precreate",
            Self::OrderString(_) => "order-string",
            Self::CheckNotify(_) => "check-notify",
            Self::CheckAnswer(_) => "check-answer",
            Self::Settle(_) => "settle",
            Self::Orders(Orders::List) => "orders list",
            Self::Orders(Orders::Show(_)) => "orders show",
            Self::Orders(Orders::GiveUp(_)) => "orders give-up",
            Self::Key(_) => "key",
        }
    }
}

const HELP: &str = "\
Exit status:
  0   paid, or done
  10  not paid, refused or rejected
  20  unknown: the order is open in the journal (settle: that is the worst of its orders)
  1   failed before anything was sent
  2   wrong usage

The first Ctrl-C is the cashier's stop: what is not paid yet is cancelled. A second one leaves at
once, with the order open in the journal.

--gateway sim has a simulated gateway in this program, which begins without a trade each time. Its
customers pay at once, and it needs no --app-id and no keys.";
