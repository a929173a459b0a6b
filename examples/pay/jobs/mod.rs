//! What each command does. Keys and journal are opened before anything is sent.

mod ask;
mod cancel;
mod check;
mod key;
mod order_string;
mod orders;
mod payment;
mod refund;
mod service;
mod settle;

use crate::args::{Command, Options, Orders};
use crate::problem::Problem;
use crate::screen::{Ended, Screen};

pub(crate) type Outcome = Result<Ended, Problem>;

/// Carries out a command.
pub(crate) fn run(command: Command, options: Options, screen: Screen) -> Outcome {
    let options = &options;
    match command {
        Command::Pay(args) => payment::pay(*args, options, screen),
        Command::Query(args) => ask::query(args, options, screen),
        Command::Cancel(args) => cancel::cancel(args, options, screen),
        Command::Close(args) => ask::close(args, options, screen),
        Command::Refund(args) => refund::refund(args, options, screen),
        Command::RefundQuery(args) => ask::refund_query(args, options, screen),
        Command::Precreate(args) => payment::precreate(*args, options, screen),
        Command::OrderString(args) => order_string::make(*args, options),
        Command::CheckNotify(args) => check::notify(*args, options),
        Command::CheckAnswer(args) => check::answer(args, options),
        Command::Settle(args) => match args.every {
            Some(every) => service::run(every, options, screen),
            None => settle::settle(options, screen),
        },
        Command::Orders(Orders::List) => orders::list(options),
        Command::Orders(Orders::Show(number)) => orders::show(&number.out_trade_no, options),
        Command::Orders(Orders::GiveUp(number)) => orders::give_up(&number.out_trade_no, options),
        Command::Key(args) => key::look(&args.file),
    }
}
