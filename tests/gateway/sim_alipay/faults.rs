//! The line with its faults.

use std::time::{Duration, Instant};

use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{
    AlipayLine, AlipaySettings, Customer, Fate, Fault, LineReply, Method, Planned, ReplyKind,
    Taken, TradeAnswer, TradeCall, Which,
};

use super::{NUMBER, epoch, gist, pay, secs};

fn line() -> AlipayLine {
    AlipayLine::new(AlipaySettings::default(), 0)
}

fn query() -> TradeCall {
    TradeCall::Query(Which::from(NUMBER))
}

/// The answer, which must be there.
fn heard(line: &mut AlipayLine, now: Instant, call: TradeCall) -> LineReply {
    let ticket = line.send(now, call);
    match line.take(now, ticket) {
        Taken::Reply(reply) => reply,
        other => panic!("no answer yet: {other:?}"),
    }
}

fn told(line: &mut AlipayLine, now: Instant, call: TradeCall) -> String {
    gist(&heard(line, now, call).answer.unwrap())
}

#[test]
fn a_fault_strikes_the_call_it_was_planned_for_and_no_other() {
    let now = epoch();
    let mut line = line();
    line.plan("502:query:2".parse().unwrap());
    assert_eq!(told(&mut line, now, pay()), "10000 TRADE_SUCCESS");
    assert_eq!(told(&mut line, now, query()), "10000 TRADE_SUCCESS");
    let reply = heard(&mut line, now, query());
    assert_eq!(reply, LineReply { said: ReplyKind::BadGateway, answer: None });
    assert_eq!(told(&mut line, now, query()), "10000 TRADE_SUCCESS");
    assert_eq!((line.calls(Method::Pay), line.calls(Method::Query)), (1, 3));
}

#[test]
fn the_same_seed_does_the_same() {
    let run = |seed| {
        let now = epoch();
        let mut line = AlipayLine::new(AlipaySettings::default(), seed);
        (1..=20).for_each(|nth| {
            let method = Method::Pay;
            line.plan(Planned { fault: Fault::SystemError, method, nth });
        });
        let done = (0..20).map(|n| {
            let number = format!("T1-{n}");
            let call = m26_pay::sim::gateway::alipay::PayCall::new(
                &*number,
                Fen(1),
                m26_pay::sim::gateway::alipay::CodeId(n),
            );
            line.send(now, TradeCall::Pay(call));
            line.alipay_mut().truth(now, &number).charges
        });
        done.collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert!(run(7).contains(&0) && run(7).contains(&1), "done and not done");
}

#[test]
fn what_was_lost_is_never_answered_and_may_have_been_done() {
    let now = epoch();
    for fate in
        [Fate { arrives: None, ..Fate::default() }, Fate { returns: None, ..Fate::default() }]
    {
        let mut line = line();
        let ticket = line.send_with(now, pay(), fate);
        assert_eq!(line.take(now + secs(3600), ticket), Taken::Never);
        let charges = u32::from(fate.arrives.is_some());
        assert_eq!(line.alipay_mut().truth(now, NUMBER).charges, charges);
    }
}

#[test]
fn a_request_that_nobody_waits_for_still_arrives() {
    let now = epoch();
    let mut line = line();
    let fate = Fate { arrives: Some(secs(30)), ..Fate::default() };
    let ticket = line.send_with(now, pay(), fate);
    assert_eq!(line.take(now + secs(10), ticket), Taken::Wait(now + secs(30)));
    line.forget(ticket);
    assert_eq!(told(&mut line, now + secs(29), query()), "40004 ACQ.TRADE_NOT_EXIST");
    assert_eq!(line.next_deadline(), Some(now + secs(30)));
    assert_eq!(told(&mut line, now + secs(31), query()), "10000 TRADE_SUCCESS");
    assert_eq!(line.take(now + secs(31), ticket), Taken::Never);
}

#[test]
fn half_done_hides_the_trade_and_holds_the_code() {
    let now = epoch();
    let mut line = line();
    line.plan("half-done".parse().unwrap());
    assert_eq!(told(&mut line, now, pay()), "20000 isp.unknow-error");
    assert_eq!(told(&mut line, now, query()), "40004 ACQ.TRADE_NOT_EXIST");
    assert_eq!(told(&mut line, now, pay()), "40004 ACQ.PAYMENT_AUTH_CODE_INVALID");
    assert_eq!(told(&mut line, now + secs(4), query()), "10000 TRADE_SUCCESS");
    assert_eq!(line.alipay_mut().truth(now + secs(4), NUMBER).charges, 1);
}

#[test]
fn what_arrives_first_takes_effect_first() {
    let now = epoch();
    let mut line = line();
    let later = |seconds| Fate { arrives: Some(secs(seconds)), ..Fate::default() };
    let paid = line.send_with(now, pay(), later(5));
    let cancelled = line.send_with(now, TradeCall::Cancel(NUMBER.into()), later(3));
    let end = now + secs(10);
    let answer = |line: &mut AlipayLine, ticket| match line.take(end, ticket) {
        Taken::Reply(LineReply { answer: Some(answer), .. }) => gist(&answer),
        other => panic!("{other:?}"),
    };
    assert_eq!(answer(&mut line, cancelled), "10000 -");
    assert_eq!(answer(&mut line, paid), "10000 TRADE_SUCCESS");
}

#[test]
fn a_wrong_amount_is_only_said() {
    let now = epoch();
    let mut line = line();
    line.plan("wrong-amount".parse().unwrap());
    let reply = heard(&mut line, now, pay());
    assert!(matches!(reply.answer, Some(TradeAnswer::Paid(trade)) if trade.total == Fen(1026)));
    assert_eq!(line.alipay_mut().truth(now, NUMBER).kept, Fen(1025));
}

#[test]
fn every_named_fault_keeps_to_one_charge() {
    for fault in Fault::ALL {
        for seed in 0..8 {
            let mut now = epoch();
            let mut line = AlipayLine::new(AlipaySettings::default(), seed);
            line.plan(Planned { fault, method: Method::Pay, nth: 1 });
            line.send(now, pay());
            for _ in 0..10 {
                now += secs(1);
                line.send(now, pay());
            }
            let end = line.run_out(now);
            let truth = line.alipay_mut().truth_of_all(end);
            assert_eq!((truth.charges, truth.open), (1, false), "{fault}, seed {seed}");
        }
    }
}

#[test]
fn everything_ends_in_bounded_time() {
    let now = epoch();
    let customer = Customer::Leaves;
    let mut line = AlipayLine::new(AlipaySettings { customer, ..AlipaySettings::default() }, 0);
    let fate = Fate { arrives: Some(Duration::from_secs(60)), ..Fate::default() };
    line.send_with(now, pay(), fate);
    let end = line.run_out(now);
    assert!(!line.alipay_mut().truth(end, NUMBER).open);
    assert_eq!(line.next_deadline(), None);
}
