//! A string with which an app opens Alipay. Nobody is asked.

use m26_pay::gateway::alipay::{AppOrder, RequestTime};

use super::Outcome;
use crate::args::{Options, OrderString};
use crate::counter;
use crate::object::Object;
use crate::screen::{Ended, Status};
use crate::wall::wall;

pub(super) fn make(args: OrderString, options: &Options) -> Outcome {
    let merchant = counter::signing(options, args.sign_type.into())?;
    let sold = args.order;
    let mut order = AppOrder::in_app(sold.out_trade_no, sold.amount, sold.subject);
    if let Some(body) = args.body {
        order = order.body(body);
    }
    if let Some(seller_id) = args.seller_id {
        order = order.seller_id(seller_id);
    }
    if let Some(timeout) = args.timeout_express {
        order = order.timeout_express(timeout);
    }
    if let Some(url) = args.notify_url {
        order = order.notify_url(url);
    }
    let at = match args.at {
        Some(at) => at,
        None => RequestTime::of_clock(wall())?,
    };
    let string = merchant.order_string(&order.build()?, &at)?;
    let result = Object::new().with("order_string", string.as_str());
    Ok(Ended { status: Status::Done, result, text: string.into_string() })
}
