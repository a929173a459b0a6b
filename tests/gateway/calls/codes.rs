use m26_pay::gateway::alipay::{Code, Effect, Meaning, Remedy, SubCode};

const METHODS: &[&str] = &[
    "alipay.trade.pay",
    "alipay.trade.precreate",
    "alipay.trade.query",
    "alipay.trade.cancel",
    "alipay.trade.refund",
    "alipay.trade.fastpay.refund.query",
    "alipay.trade.close",
];

fn of(method: &str, code: u32, sub_code: &str) -> Meaning {
    Meaning::of(method, Code(code), Some(&SubCode::new(sub_code)))
}

/// facts/alipay-gateway.md 2.3.
#[test]
fn what_the_facts_say_of_pay() {
    for (names, effect, remedy) in [
        ("SYSTEM_ERROR TRADE_HAS_SUCCESS", Effect::Unknown, Remedy::Ask),
        (
            "CONTEXT_INCONSISTENT TRADE_HAS_CLOSE TRADE_BUYER_NOT_MATCH",
            Effect::NotDone,
            Remedy::NewNumber,
        ),
        (
            "PAYMENT_AUTH_CODE_INVALID PULL_MOBILE_CASHIER_FAIL PAYMENT_FAIL",
            Effect::NotDone,
            Remedy::ScanAgain,
        ),
        (
            "BUYER_BALANCE_NOT_ENOUGH BUYER_BANKCARD_BALANCE_NOT_ENOUGH ERROR_BALANCE_PAYMENT_DISABLE \
             NO_PAYMENT_INSTRUMENTS_AVAILABLE PAYMENT_REQUEST_HAS_RISK \
             BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
            Effect::NotDone,
            Remedy::OtherMeans,
        ),
        (
            "ACCESS_FORBIDDEN PARTNER_ERROR INVALID_STORE_ID MERCHANT_AGREEMENT_NOT_EXIST \
             MERCHANT_AGREEMENT_INVALID MERCHANT_STATUS_NOT_NORMAL",
            Effect::NotDone,
            Remedy::Merchant,
        ),
        ("INVALID_PARAMETER", Effect::NotDone, Remedy::Program),
    ] {
        for name in names.split_whitespace() {
            let meaning = of("alipay.trade.pay", 40004, &format!("ACQ.{name}"));
            assert_eq!((meaning.effect, meaning.remedy), (effect, remedy), "{name}");
        }
    }
}

#[test]
fn what_the_facts_say_of_the_other_calls() {
    for (method, names, effect) in [
        ("alipay.trade.query", "TRADE_NOT_EXIST SYSTEM_ERROR", Effect::Unknown),
        ("alipay.trade.query", "INVALID_PARAMETER", Effect::NotDone),
        ("alipay.trade.cancel", "SYSTEM_ERROR", Effect::Unknown),
        (
            "alipay.trade.cancel",
            "SELLER_BALANCE_NOT_ENOUGH REASON_TRADE_BEEN_FREEZEN TRADE_CANCEL_TIME_OUT \
             TRADE_HAS_FINISHED CANCEL_NOT_ALLOWED",
            Effect::NotDone,
        ),
        (
            "alipay.trade.refund",
            "SELLER_BALANCE_NOT_ENOUGH TRADE_HAS_FINISHED DISCORDANT_REPEAT_REQUEST \
             REASON_TRADE_REFUND_FEE_ERR REFUND_AMT_NOT_EQUAL_TOTAL",
            Effect::NotDone,
        ),
    ] {
        for name in names.split_whitespace() {
            assert_eq!(of(method, 40004, &format!("ACQ.{name}")).effect, effect, "{method} {name}");
        }
    }
    assert_eq!(of("alipay.trade.cancel", 40004, "AQC.SYSTEM_ERROR").effect, Effect::Unknown);
    assert_eq!(of("alipay.trade.cancel", 40004, "AQC.CANCEL_NOT_ALLOWED").effect, Effect::NotDone);
}

#[test]
fn codes_without_a_look_at_the_sub_code() {
    for method in METHODS {
        for code in [20001, 40001, 40002, 40005, 40006] {
            assert_eq!(of(method, code, "isv.anything").effect, Effect::NotDone, "{code}");
        }
        for code in [20000, 10003, 10000, 40003, 49999, 0] {
            assert_eq!(of(method, code, "isp.unknow-error").effect, Effect::Unknown, "{code}");
        }
        // Somebody else's sub-code under 40004 proves nothing.
        for sub_code in
            ["isp.unknow-error", "aop.ACQ.SYSTEM_ERROR", "PAYMENT_FAIL", "ACQ.", "ACQ.NEW"]
        {
            assert_eq!(of(method, 40004, sub_code).effect, Effect::Unknown, "{sub_code}");
        }
    }
}

#[test]
fn each_is_listed_once_and_said_in_words() {
    let mut all = 0;
    for method in METHODS {
        let listed: Vec<_> = Meaning::listed(method).collect();
        for (at, (sub_code, meaning)) in listed.iter().enumerate() {
            assert!(
                !listed[..at].iter().any(|(earlier, _)| earlier == sub_code),
                "{method} {sub_code}"
            );
            assert!(!meaning.description.is_empty() && !meaning.description.ends_with('.'));
            assert!(matches!(meaning.effect, Effect::NotDone | Effect::Unknown), "{sub_code}");
            all += 1;
        }
    }
    assert!(all > 90, "{all}");
}

#[test]
fn a_code_says_what_it_is() {
    assert_eq!(Code::FAILED.to_string(), "40004 (the business failed)");
    assert_eq!(Code(12345).to_string(), "12345 (unknown code)");
}
