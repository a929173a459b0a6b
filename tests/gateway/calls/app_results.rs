//! App pay: what the app hands back.

use data_encoding::BASE64;
use encoding_rs::GBK;
use m26_pay::gateway::Charset;
use m26_pay::gateway::alipay::{
    AnswerError, AppOrder, AppResult, Effect, NoAnswer, ResultStatus, SellerId, Subject,
};
use proptest::prelude::*;
use support::keys::Pair;

use super::{merchant, number, signed};

const NODE: &str = "alipay_trade_app_pay_response";

const PAID: &str = r#"{"code":"10000","msg":"Success","app_id":"2026000000000001","auth_app_id":"2026000000000001","charset":"utf-8","timestamp":"2026-11-29 21:00:09","out_trade_no":"DV-A1","total_amount":"9.00","trade_no":"2026112922001400010001","seller_id":"2088102147948060"}"#;

fn order() -> AppOrder {
    let subject = Subject::new("大乐透").unwrap();
    let order = AppOrder::in_app(number("DV-A1"), "9.00".parse().unwrap(), subject);
    order.seller_id(SellerId::new("2088102147948060").unwrap()).build().unwrap()
}

fn read(status: ResultStatus, result: &str) -> Result<AppResult, AnswerError> {
    merchant().read_app_result(&order(), status, result)
}

#[test]
fn a_payment_that_verifies_is_one() {
    let result = signed(NODE, PAID).replace('}', " }").replace("\" }", "\"}");
    // Alipay adds `sign_type` beside the signature.
    let result = result.replacen("\"sign\":", "\"sign_type\":\"RSA2\",\"sign\":", 1);
    let read = read(ResultStatus::SUCCESS, &result).unwrap();
    assert_eq!((read.status, read.effect()), (ResultStatus(9000), Effect::Done));
    let paid = read.answer.unwrap().result.unwrap();
    assert_eq!(paid.out_trade_no, number("DV-A1"));
    assert_eq!(paid.total_amount.fen(), 900);
    assert_eq!(paid.trade_no.as_str(), "2026112922001400010001");
}

#[test]
fn the_signature_counts_and_the_status_does_not() {
    for status in [ResultStatus::CANCELLED, ResultStatus::PROCESSING, ResultStatus(1)] {
        assert_eq!(read(status, &signed(NODE, PAID)).unwrap().effect(), Effect::Done);
        for nothing in ["", " \n"] {
            let read = read(status, nothing).unwrap();
            assert_eq!((read.effect(), read.answer), (Effect::Unknown, None));
        }
    }
    assert_eq!(read(ResultStatus::SUCCESS, "").unwrap().effect(), Effect::Unknown);
    // A refusal of one try, which says nothing of the next.
    let refused = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_HAS_CLOSE"}"#;
    let read = read(ResultStatus::FAILED, &signed(NODE, refused)).unwrap();
    assert_eq!(read.effect(), Effect::Unknown);
    assert!(read.answer.unwrap().result.is_err());
}

#[test]
fn what_is_not_signed_or_of_another_order_proves_nothing() {
    let whole = signed(NODE, PAID);
    let sign = BASE64.encode(&Pair::app().sign(PAID.as_bytes()));
    let own = format!(r#"{{"{NODE}":{PAID},"sign":"{sign}"}}"#);
    for (result, error) in [
        (whole.replace("9.00", "9.01"), AnswerError::WrongSignature),
        (own, AnswerError::WrongSignature),
        (format!(r#"{{"{NODE}":{PAID}}}"#), AnswerError::Unsigned),
        (
            signed(NODE, &PAID.replace("9.00", "0.01")),
            AnswerError::AnotherTrade { field: "total_amount" },
        ),
        (
            signed(NODE, &PAID.replace("DV-A1", "DV-A2")),
            AnswerError::AnotherTrade { field: "out_trade_no" },
        ),
        (
            signed(NODE, &PAID.replace("\"app_id\":\"2026000000000001\"", "\"app_id\":\"2\"")),
            AnswerError::AnotherTrade { field: "app_id" },
        ),
        (
            signed(NODE, &PAID.replace("2088102147948060", "2088102147948061")),
            AnswerError::AnotherTrade { field: "seller_id" },
        ),
    ] {
        assert_eq!(read(ResultStatus::SUCCESS, &result).unwrap_err(), error);
    }
    let other = signed("alipay_trade_query_response", PAID);
    let error = read(ResultStatus::SUCCESS, &other).unwrap_err();
    assert!(matches!(error, AnswerError::NoAnswer { reason: NoAnswer::OtherCall, .. }), "{error}");
    // The answer of a query to the same order, under the name of this one.
    let query = PAID.replace("\"msg\"", "\"trade_status\":\"WAIT_BUYER_PAY\",\"msg\"");
    let error = read(ResultStatus::SUCCESS, &signed(NODE, &query)).unwrap_err();
    assert!(matches!(error, AnswerError::Field(_)), "{error}");
    for missing in ["out_trade_no", "trade_no", "total_amount"] {
        let node = PAID.replace(&format!("\"{missing}\""), "\"x\"");
        assert!(read(ResultStatus::SUCCESS, &signed(NODE, &node)).is_err(), "{missing}");
    }
}

#[test]
fn in_gbk_the_bytes_are_verified_that_alipay_signed() {
    let node = PAID.replace("Success", "成功");
    let sign = BASE64.encode(&Pair::alipay().sign(&GBK.encode(&node).0));
    let result = format!(r#"{{"{NODE}":{node},"sign":"{sign}"}}"#);
    let gbk = merchant().charset(Charset::Gbk);
    let status = ResultStatus::SUCCESS;
    assert_eq!(gbk.read_app_result(&order(), status, &result).unwrap().effect(), Effect::Done);
    assert_eq!(read(status, &result), Err(AnswerError::WrongSignature));
    assert!(gbk.read_app_result(&order(), status, &format!("{result}😀")).is_err());
}

#[test]
fn a_status_is_a_number() {
    assert_eq!("9000".parse(), Ok(ResultStatus::SUCCESS));
    assert_eq!(
        ResultStatus(6001).to_string(),
        "the customer left without paying, as far as the app knows (6001)"
    );
    for wrong in ["", "+9000", "9000 ", "99999", "ok"] {
        assert!(wrong.parse::<ResultStatus>().is_err(), "{wrong}");
    }
}

proptest! {
    /// Nothing that Alipay did not sign is a payment.
    #[test]
    fn any_result_is_read(status: u16, result in prop_oneof![any::<String>(), "[{}\\[\\]\":,a-z_\\\\/0-9 ]{0,80}"]) {
        if let Ok(read) = read(ResultStatus(status), &result) {
            prop_assert_eq!(read.effect(), Effect::Unknown);
            prop_assert_eq!(read.answer, None);
        }
    }
}
