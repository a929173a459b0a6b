//! Whether something is Alipay's, and what it says. Nobody is asked.

use std::fmt::Display;
use std::io::{self, Read as _};
use std::path::Path;

use m26_pay::engine::Certainty;
use m26_pay::gateway::HttpResponse;
use m26_pay::gateway::alipay::notify::{Expected, Notification};
use m26_pay::gateway::alipay::signed_text;

use super::Outcome;
use crate::args::{CheckAnswer, CheckNotify, Options};
use crate::counter;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Ended, Status};
use crate::wall::wall;

/// A notification, and whether it is about what is expected.
pub(super) fn notify(args: CheckNotify, options: &Options) -> Outcome {
    let alipay = counter::verifier(options)?;
    let body = read(&args.file)?;
    let header = args.content_type.as_deref();
    let notification = Notification::read(header, &body, options.charset(), &alipay);
    let notification = notification.map_err(rejected)?;
    let mut expected = Expected::default();
    expected.app_id = options.app_id.clone();
    expected.seller_id = args.seller_id;
    expected.out_trade_no = args.out_trade_no;
    expected.total_amount = args.amount;
    if let Some(age) = args.max_age {
        expected = expected.max_age(wall(), age);
    }
    let event = notification.event(&expected).map_err(rejected)?;
    let trade = notification.trade();
    let status = trade.map(|trade| trade.status.to_string());
    let text = match trade {
        Some(trade) => {
            let amount =
                trade.total_amount.map_or_else(String::new, |amount| format!(", {amount} yuan"));
            format!(
                "verified: {} is {} ({}){amount}",
                trade.out_trade_no,
                event.as_str(),
                trade.status
            )
        }
        None => "verified: it is about no trade".into(),
    };
    let result = Object::new()
        .with("verified", true)
        .with("event", event.as_str())
        .with("trade_status", status);
    Ok(Ended { status: Status::Done, result, text })
}

/// The body of an answer, and the text that is signed in it.
pub(super) fn answer(args: CheckAnswer, options: &Options) -> Outcome {
    let alipay = counter::verifier(options)?;
    let body = read(&args.file)?;
    let response = HttpResponse::new(200, args.content_type, body);
    let text = signed_text(&args.method, &response, options.charset(), &alipay);
    let text = text.map_err(rejected)?;
    let result = Object::new().with("verified", true).with("signed_text", text.as_str());
    Ok(Ended { status: Status::Done, result, text: format!("verified: {text}") })
}

/// It is not Alipay's, or not about what is expected.
fn rejected(error: impl Display) -> Problem {
    Problem::new("rejected", Certainty::Refused, error)
}

/// A file, or standard input for `-`; of more than 16 MiB the beginning, which is refused for its
/// length.
fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let mut content = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(LARGEST).read_to_end(&mut content)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut content))
    };
    match read {
        Ok(_) => Ok(content),
        Err(error) => Err(Problem::io(format_args!("FILE {}: {error}", path.display()))),
    }
}

const LARGEST: u64 = (16 << 20) + 1;
