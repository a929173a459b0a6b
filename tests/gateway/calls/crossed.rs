//! The signature covers a node and not its name: whoever is in between can give the answer of one
//! call the name of another. Verified, it must never say that the other call did anything.

use m26_pay::gateway::alipay::payment::{Hear, Heard, HeardTrade};
use m26_pay::gateway::alipay::{
    Answer, Call, Cancel, Close, Effect, OutRequestNo, Pay, Precreate, Query, Refund, RefundQuery,
};

use super::{merchant, number, pay, response, sale, signed};

/// What each method answers on success, as facts/alipay-gateway.md 2 has it.
const NODES: &[(&str, &str)] = &[
    (Pay::METHOD, r#""total_amount":"88.88","buyer_logon_id":"1","receipt_amount":"88.88""#),
    (Query::METHOD, r#""trade_status":"WAIT_BUYER_PAY","total_amount":"88.88""#),
    (Query::METHOD, r#""trade_status":"TRADE_SUCCESS","total_amount":"88.88""#),
    (Query::METHOD, r#""trade_status":"TRADE_CLOSED","total_amount":"88.88""#),
    (Query::METHOD, r#""trade_status":"TRADE_FINISHED","total_amount":"88.88""#),
    (Cancel::METHOD, r#""retry_flag":"N","action":"close""#),
    (Cancel::METHOD, r#""retry_flag":"N","action":"refund""#),
    (Cancel::METHOD, r#""retry_flag":"N""#),
    (Refund::METHOD, r#""fund_change":"Y","refund_fee":"88.88""#),
    (Refund::METHOD, r#""fund_change":"N","refund_fee":"88.88""#),
    (
        RefundQuery::METHOD,
        r#""out_request_no":"R1","refund_status":"REFUND_SUCCESS","refund_amount":"88.88","total_amount":"88.88""#,
    ),
    (RefundQuery::METHOD, r#""out_request_no":"R1","total_amount":"88.88""#),
    (Precreate::METHOD, r#""qr_code":"https://qr.example/x""#),
];

fn answers<C: Call>(call: &C) -> Vec<(&'static str, Option<Answer<C::Answer>>)> {
    let name = C::METHOD.replace('.', "_") + "_response";
    let read = |(method, rest): &(&'static str, &str)| {
        let node = format!(
            r#"{{"code":"10000","msg":"Success","out_trade_no":"DV-001","trade_no":"2026",{rest}}}"#
        );
        (*method, merchant().read(call, &response(signed(&name, &node))).ok())
    };
    NODES.iter().map(read).collect()
}

/// Whether an answer of this call says that something was done.
fn is_done<C: Call<Answer: m26_pay::gateway::alipay::Content>>(call: &C) -> Vec<&'static str> {
    let done = |(method, answer): (&'static str, Option<Answer<C::Answer>>)| {
        answer.is_some_and(|answer| answer.effect() == Effect::Done).then_some(method)
    };
    answers(call).into_iter().filter_map(done).collect()
}

#[test]
fn no_answer_of_another_call_says_that_this_one_did_anything() {
    let refund = || OutRequestNo::new("R1").unwrap();
    let order = || number("DV-001");
    let amount = "88.88".parse().unwrap();
    assert_eq!(is_done(&pay()), [Pay::METHOD]);
    assert_eq!(is_done(&Query::new(order())), [Query::METHOD; 4]);
    assert_eq!(is_done(&Cancel::new(order())), [Cancel::METHOD; 2]);
    assert_eq!(is_done(&Precreate::new(sale())), [Precreate::METHOD]);
    let again = Refund::of(order(), refund(), amount).build().unwrap();
    assert_eq!(is_done(&again), [Refund::METHOD]);
    assert_eq!(is_done(&RefundQuery::new(order(), refund())), [RefundQuery::METHOD]);
    // What a close answers is a part of every other answer, so those are known by what is more.
    let close = Close::new(order());
    assert!(is_done(&close).is_empty());
    let node = r#"{"code":"10000","msg":"Success","trade_no":"2026","out_trade_no":"DV-001"}"#;
    let closed = merchant().read(&close, &response(signed("alipay_trade_close_response", node)));
    assert_eq!(closed.unwrap().effect(), Effect::Done);
}

/// What the machine hears of answers under another call's name.
fn heard<C: Hear>(call: &C) -> Vec<Heard> {
    let name = C::METHOD.replace('.', "_") + "_response";
    let others = NODES.iter().filter(|(method, _)| *method != C::METHOD);
    let hear = |(_, rest): &(&str, &str)| {
        let node =
            format!(r#"{{"code":"10000","out_trade_no":"DV-001","trade_no":"2026",{rest}}}"#);
        Heard::answer::<C>(&merchant().read(call, &response(signed(&name, &node))))
    };
    others.map(hear).collect()
}

#[test]
fn the_machine_hears_nothing_from_them() {
    let proves_nothing =
        |heard: &Heard| matches!(heard, Heard::Unclear(_) | Heard::NoAction(HeardTrade { .. }));
    for heard in heard(&pay()).iter().chain(&heard(&Query::new(number("DV-001")))) {
        assert!(matches!(heard, Heard::Unclear(_)), "{heard:?}");
    }
    assert!(heard(&Cancel::new(number("DV-001"))).iter().all(proves_nothing));
    assert!(heard(&Precreate::new(sale())).iter().all(proves_nothing));
}
