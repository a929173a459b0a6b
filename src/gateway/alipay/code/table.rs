//! What each sub-code under 40004 means, call by call.
//!
//! From Alipay's lists of business errors as facts/alipay-gateway.md 2.3 has them. Where a list only
//! says "system error" or "paid before", nothing is proven, and the effect is unknown.

use super::{Effect, Meaning, Remedy};

/// What is known of a sub-code (without `ACQ.`) of this method.
pub(super) fn find(method: &str, sub_code: &str) -> Option<Meaning> {
    let name = sub_code.strip_prefix("ACQ.")?;
    rows(method).find(|row| row.name == name).map(|row| row.meaning)
}

/// All that are known of this method.
pub(super) fn all(method: &str) -> impl Iterator<Item = (&'static str, Meaning)> {
    rows(method).map(|row| (row.code, row.meaning))
}

fn rows(method: &str) -> impl Iterator<Item = &'static Row> {
    let call = METHODS.iter().position(|known| *known == method).map_or(0, |at| 1 << at);
    TABLE.iter().filter(move |row| row.calls & call != 0)
}

struct Row {
    calls: u8,
    name: &'static str,
    code: &'static str,
    meaning: Meaning,
}

/// Each at the place of its bit.
pub(super) const METHODS: &[&str] = &[
    "alipay.trade.pay",
    "alipay.trade.precreate",
    "alipay.trade.query",
    "alipay.trade.cancel",
    "alipay.trade.refund",
    "alipay.trade.fastpay.refund.query",
    "alipay.trade.close",
];

const PAY: u8 = 1;
const PRECREATE: u8 = 1 << 1;
const QUERY: u8 = 1 << 2;
const CANCEL: u8 = 1 << 3;
const REFUND: u8 = 1 << 4;
const REFUND_QUERY: u8 = 1 << 5;
const CLOSE: u8 = 1 << 6;
const ORDER: u8 = PAY | PRECREATE;
const ALL: u8 = 0x7f;

macro_rules! rows {
    ($($calls:expr, $name:literal, $effect:ident, $remedy:ident, $description:literal;)*) => {
        &[$(Row {
            calls: $calls,
            name: $name,
            code: concat!("ACQ.", $name),
            meaning: Meaning {
                effect: Effect::$effect,
                remedy: Remedy::$remedy,
                description: $description,
            },
        }),*]
    };
}

const TABLE: &[Row] = rows! {
    ALL, "SYSTEM_ERROR", Unknown, Ask, "Alipay does not know what happened";
    ALL, "INVALID_PARAMETER", NotDone, Program, "a parameter is not valid";
    ALL, "ACCESS_FORBIDDEN", NotDone, Merchant, "the contract does not cover this call";

    // What may have been paid before this call.
    ORDER, "TRADE_HAS_SUCCESS", Unknown, Ask, "the order was paid before";
    // What is there under this number is another's or is over; this call charged nothing.
    ORDER, "CONTEXT_INCONSISTENT", NotDone, NewNumber, "the number was used for another order";
    ORDER, "TRADE_HAS_CLOSE", NotDone, NewNumber, "the order was closed before";
    ORDER, "TRADE_BUYER_NOT_MATCH", NotDone, NewNumber, "the order was begun by another customer";

    // The customer.
    PAY, "PAYMENT_AUTH_CODE_INVALID", NotDone, ScanAgain, "the payment code is used up, too old or none";
    PAY, "PULL_MOBILE_CASHIER_FAIL", NotDone, ScanAgain, "the customer's phone was not reached";
    PAY, "PAYMENT_FAIL", NotDone, ScanAgain, "the payment failed";
    PAY, "BUYER_BALANCE_NOT_ENOUGH", NotDone, OtherMeans, "the customer's balance does not suffice";
    PAY, "BUYER_BANKCARD_BALANCE_NOT_ENOUGH", NotDone, OtherMeans, "the balance of the customer's card does not suffice";
    PAY, "ERROR_BALANCE_PAYMENT_DISABLE", NotDone, OtherMeans, "the customer switched off paying from the balance";
    PAY, "NO_PAYMENT_INSTRUMENTS_AVAILABLE", NotDone, OtherMeans, "the customer has no means of payment that can be used";
    PAY, "PAYMENT_REQUEST_HAS_RISK", NotDone, OtherMeans, "Alipay sees a risk in this payment";
    PAY, "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", NotDone, OtherMeans, "the customer's limit of the day is reached";
    PAY, "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", NotDone, OtherMeans, "the customer's limit of the month is reached";
    PAY, "ERROR_BUYER_CERTIFY_LEVEL_LIMIT", NotDone, OtherMeans, "the customer has yet to prove who he is to Alipay";
    PAY, "BUYER_ENABLE_STATUS_FORBID", NotDone, OtherMeans, "the customer's account is blocked";
    PAY, "BUYER_SELLER_EQUAL", NotDone, OtherMeans, "customer and merchant have the same account";
    PAY, "MOBILE_PAYMENT_SWITCH_OFF", NotDone, OtherMeans, "the customer switched off paying by phone";
    PAY, "USER_FACE_PAYMENT_SWITCH_OFF", NotDone, OtherMeans, "the customer switched off payment codes";
    PAY, "CARD_USER_NOT_MATCH", NotDone, OtherMeans, "the card is not the customer's";
    PAY, "CARD_TYPE_ERROR", NotDone, OtherMeans, "the card is of a kind that cannot be used";
    PAY, "CERT_EXPIRED", NotDone, OtherMeans, "the customer's document has expired";

    // The merchant.
    ORDER, "BEYOND_PAY_RESTRICTION", NotDone, Merchant, "the merchant's limit is reached";
    ORDER, "BEYOND_PER_RECEIPT_RESTRICTION", NotDone, Merchant, "the merchant's limit for one payment is exceeded";
    ORDER, "SELLER_BEEN_BLOCKED", NotDone, Merchant, "the merchant is blocked";
    ORDER, "PARTNER_ERROR", NotDone, Merchant, "the application's merchant is wrong";
    ORDER, "INVALID_STORE_ID", NotDone, Merchant, "Alipay does not know the store";
    ORDER, "SUB_MERCHANT_CREATE_FAIL", NotDone, Merchant, "the secondary merchant could not be made";
    ORDER, "SUB_MERCHANT_TYPE_INVALID", NotDone, Merchant, "the secondary merchant is of a wrong type";
    ORDER, "SECONDARY_MERCHANT_STATUS_ERROR", NotDone, Merchant, "the secondary merchant is not in service";
    ORDER, "MERCHANT_STATUS_NOT_NORMAL", NotDone, Merchant, "the merchant is not in service";
    PAY, "MERCHANT_AGREEMENT_NOT_EXIST", NotDone, Merchant, "the merchant has no contract";
    PAY, "MERCHANT_AGREEMENT_INVALID", NotDone, Merchant, "the merchant's contract is not valid";
    PAY, "AGREEMENT_NOT_EXIST", NotDone, OtherMeans, "there is no such agreement with the customer";
    PAY, "AGREEMENT_INVALID", NotDone, OtherMeans, "the agreement with the customer is not valid";
    PAY, "AGREEMENT_STATUS_NOT_NORMAL", NotDone, OtherMeans, "the agreement with the customer is not in force";
    PAY, "MERCHANT_UNSUPPORT_ADVANCE", NotDone, Merchant, "the merchant cannot pay in advance";
    PAY, "BUYER_UNSUPPORT_ADVANCE", NotDone, OtherMeans, "the customer cannot pay in advance";
    PAY, "ORDER_UNSUPPORT_ADVANCE", NotDone, OtherMeans, "the order cannot be paid in advance";
    PAY, "CYCLE_PAY_DATE_NOT_MATCH", NotDone, Merchant, "it is not the day of the agreed withholding";
    PAY, "CYCLE_PAY_SINGLE_FEE_EXCEED", NotDone, Merchant, "more than was agreed for one withholding";
    PAY, "CYCLE_PAY_TOTAL_FEE_EXCEED", NotDone, Merchant, "more than was agreed for all withholdings";
    PAY, "CYCLE_PAY_TOTAL_TIMES_EXCEED", NotDone, Merchant, "more withholdings than were agreed";

    // The program.
    ORDER, "EXIST_FORBIDDEN_WORD", NotDone, Program, "the subject holds a forbidden word";
    ORDER, "TOTAL_FEE_EXCEED", NotDone, Program, "the amount is above the limit of one order";
    ORDER, "AMOUNT_OR_CURRENCY_ERROR", NotDone, Program, "amount or currency is wrong";
    ORDER, "CURRENCY_NOT_SUPPORT", NotDone, Program, "the currency is not supported";

    // A trade that is not there. For a query it proves nothing (trap 9): a pay may still be on its
    // way, and a precreated code may still be scanned.
    QUERY | REFUND_QUERY, "TRADE_NOT_EXIST", Unknown, Ask, "there is no such trade yet";
    CANCEL, "TRADE_NOT_EXIST", Unknown, Ask, "there is no such trade yet";
    REFUND | CLOSE, "TRADE_NOT_EXIST", NotDone, Program, "there is no such trade";

    CANCEL, "SELLER_BALANCE_NOT_ENOUGH", NotDone, Merchant, "the merchant's balance does not suffice to give the money back";
    CANCEL, "REASON_TRADE_BEEN_FREEZEN", NotDone, Merchant, "the trade is frozen";
    CANCEL, "TRADE_CANCEL_TIME_OUT", NotDone, OtherCall, "too late to cancel: refund";
    CANCEL, "TRADE_HAS_FINISHED", NotDone, OtherCall, "the trade is finished and can neither be cancelled nor refunded";
    CANCEL, "CANCEL_NOT_ALLOWED", NotDone, OtherCall, "the trade cannot be cancelled";

    REFUND, "SELLER_BALANCE_NOT_ENOUGH", NotDone, Merchant, "the merchant's balance does not suffice";
    REFUND, "TRADE_HAS_FINISHED", NotDone, Merchant, "the trade is finished and cannot be refunded";
    REFUND, "TRADE_HAS_CLOSE", NotDone, Ask, "the trade is closed: all was refunded, or nothing was paid";
    REFUND, "DISCORDANT_REPEAT_REQUEST", NotDone, NewNumber, "the number was used for a refund of another amount";
    REFUND, "REASON_TRADE_REFUND_FEE_ERR", NotDone, Program, "more than what can be refunded";
    REFUND, "REFUND_AMT_NOT_EQUAL_TOTAL", NotDone, Program, "the trade can only be refunded whole";
    REFUND, "REFUND_FEE_ERROR", NotDone, Program, "the amount is wrong";
    REFUND, "REASON_TRADE_BEEN_FREEZEN", NotDone, Merchant, "the trade is frozen";
    REFUND, "REASON_TRADE_STATUS_INVALID", NotDone, Ask, "the trade cannot be refunded as it stands";
    REFUND, "TRADE_STATUS_ERROR", NotDone, Ask, "the trade cannot be refunded as it stands";
    REFUND, "TRADE_NOT_ALLOW_REFUND", NotDone, Merchant, "the trade cannot be refunded";
    REFUND, "ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND", NotDone, Merchant, "a trade with this voucher cannot be refunded";
    REFUND, "BUYER_NOT_EXIST", NotDone, Merchant, "the customer's account is gone";
    REFUND, "BUYER_ENABLE_STATUS_FORBID", NotDone, Merchant, "the customer's account is blocked";
    REFUND, "REFUND_CHARGE_ERROR", NotDone, Merchant, "the fee of the refund could not be taken";

    CLOSE, "TRADE_STATUS_ERROR", NotDone, Ask, "the trade cannot be closed as it stands";
    CLOSE, "REASON_TRADE_STATUS_INVALID", NotDone, Ask, "the trade cannot be closed as it stands";
    CLOSE, "REASON_ILLEGAL_STATUS", NotDone, Ask, "the trade cannot be closed as it stands";
};
