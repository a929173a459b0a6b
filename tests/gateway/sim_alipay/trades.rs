//! Trades, refunds, cancels, and where the money is.

use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{
    AlipaySettings, CodeId, Customer, PayCall, PrecreateCall, RefundCall, RefundQueryCall,
    TradeAnswer, TradeCall, Which,
};

use super::{Bench, NUMBER, gist, pay, secs};

fn refund(amount: u64, number: Option<&str>) -> TradeCall {
    let out_request_no = number.map(Into::into);
    TradeCall::Refund(RefundCall { which: NUMBER.into(), amount: Fen(amount), out_request_no })
}

fn precreate(amount: u64) -> TradeCall {
    let out_trade_no = NUMBER.into();
    TradeCall::Precreate(PrecreateCall { out_trade_no, total: Fen(amount), timeout: None })
}

#[test]
fn a_customer_who_pays_at_once_is_charged_once() {
    let mut bench = Bench::with(Customer::Pays(secs(0)));
    assert_eq!(gist(&bench.query()), "40004 ACQ.TRADE_NOT_EXIST");
    assert_eq!(gist(&bench.pay()), "10000 TRADE_SUCCESS");
    assert_eq!(gist(&bench.pay()), "40004 ACQ.TRADE_HAS_SUCCESS");
    assert_eq!(gist(&bench.query()), "10000 TRADE_SUCCESS");
    let truth = bench.truth();
    assert_eq!((truth.charges, truth.kept, truth.open), (1, Fen(1025), false));
}

#[test]
fn a_customer_who_thinks_pays_in_the_end() {
    let mut bench = Bench::with(Customer::Pays(secs(8)));
    assert_eq!(gist(&bench.pay()), "10003 WAIT_BUYER_PAY");
    assert_eq!(gist(&bench.after(5).query()), "10000 WAIT_BUYER_PAY");
    assert_eq!(gist(&bench.pay()), "10003 WAIT_BUYER_PAY");
    assert!(bench.truth().open);
    assert_eq!(gist(&bench.after(5).query()), "10000 TRADE_SUCCESS");
    assert_eq!(bench.truth().charges, 1);
}

#[test]
fn a_customer_may_refuse_at_once_or_later() {
    let mut bench = Bench::with(Customer::Refuses(secs(0)));
    assert_eq!(gist(&bench.pay()), "40004 ACQ.PAYMENT_FAIL");
    assert_eq!(gist(&bench.query()), "10000 TRADE_CLOSED");
    assert_eq!(gist(&bench.pay()), "40004 ACQ.TRADE_HAS_CLOSE");

    let customer = Customer::Refuses(secs(0));
    let settings =
        AlipaySettings { customer, refused_leaves_trade: false, ..AlipaySettings::default() };
    let mut bench = Bench::new(settings);
    assert_eq!(gist(&bench.pay()), "40004 ACQ.PAYMENT_FAIL");
    assert_eq!(gist(&bench.query()), "40004 ACQ.TRADE_NOT_EXIST");

    let mut bench = Bench::with(Customer::Refuses(secs(3)));
    assert_eq!(gist(&bench.pay()), "10003 WAIT_BUYER_PAY");
    assert_eq!(gist(&bench.after(3).query()), "10000 TRADE_CLOSED");
    assert_eq!(bench.truth(), Default::default());
}

#[test]
fn an_unpaid_trade_is_closed_when_its_time_is_over() {
    let mut bench = Bench::with(Customer::Leaves);
    let pay = PayCall { timeout: Some(secs(120)), ..PayCall::new(NUMBER, Fen(1025), CodeId(1)) };
    bench.call(&TradeCall::Pay(pay));
    assert_eq!(gist(&bench.after(119).query()), "10000 WAIT_BUYER_PAY");
    assert_eq!(gist(&bench.after(1).query()), "10000 TRADE_CLOSED");

    let mut bench = Bench::with(Customer::Pays(secs(3 * 3600)));
    bench.pay();
    assert_eq!(gist(&bench.after(3 * 3600).query()), "10000 TRADE_CLOSED");
    assert_eq!(bench.truth().charges, 0);
}

#[test]
fn a_cancel_closes_what_waits_and_gives_back_what_was_paid() {
    let mut bench = Bench::with(Customer::Pays(secs(8)));
    bench.pay();
    assert_eq!(gist(&bench.cancel()), "10000 close");
    assert_eq!(gist(&bench.after(10).query()), "10000 TRADE_CLOSED");
    assert_eq!(gist(&bench.cancel()), "10000 close");
    assert_eq!(bench.truth().charges, 0);

    let mut bench = Bench::with(Customer::Pays(secs(0)));
    bench.pay();
    assert_eq!(gist(&bench.cancel()), "10000 refund");
    assert_eq!(gist(&bench.cancel()), "10000 refund");
    assert_eq!(gist(&bench.query()), "10000 TRADE_CLOSED");
    let truth = bench.truth();
    assert_eq!((truth.charges, truth.charged, truth.kept), (1, Fen(1025), Fen(0)));
}

#[test]
fn a_cancel_of_nothing_answers_success_without_an_action_and_stops_nothing() {
    let mut bench = Bench::with(Customer::Pays(secs(0)));
    assert_eq!(gist(&bench.cancel()), "10000 -");
    assert_eq!(gist(&bench.pay()), "10000 TRADE_SUCCESS");
}

#[test]
fn a_cancel_can_come_too_late_or_find_no_money() {
    let mut bench = Bench::with(Customer::Pays(secs(0)));
    bench.pay();
    assert_eq!(gist(&bench.after(24 * 3600 + 1).cancel()), "40004 ACQ.TRADE_CANCEL_TIME_OUT");

    let mut bench =
        Bench::new(AlipaySettings { seller_is_broke: true, ..AlipaySettings::default() });
    bench.pay();
    assert_eq!(gist(&bench.cancel()), "40004 ACQ.SELLER_BALANCE_NOT_ENOUGH");
    assert_eq!(bench.truth().kept, Fen(1025));
    bench.alipay.settings_mut().seller_is_broke = false;
    assert_eq!(gist(&bench.cancel()), "10000 refund");
    assert_eq!(bench.truth().kept, Fen(0));
}

#[test]
fn a_customer_who_pays_late_does_it_just_before_the_cancel() {
    let mut bench = Bench::with(Customer::PaysLate(secs(120)));
    bench.pay();
    assert_eq!(gist(&bench.after(30).query()), "10000 WAIT_BUYER_PAY");
    assert_eq!(gist(&bench.cancel()), "10000 refund");
    let truth = bench.truth();
    assert_eq!((truth.charges, truth.kept), (1, Fen(0)));

    let mut bench = Bench::with(Customer::PaysLate(secs(120)));
    bench.pay();
    assert_eq!(gist(&bench.after(120).query()), "10000 TRADE_SUCCESS");
}

#[test]
fn a_number_is_one_trade_and_a_code_pays_once() {
    let mut bench = Bench::with(Customer::Pays(secs(8)));
    bench.pay();
    let other =
        |number: &str, fen, code| TradeCall::Pay(PayCall::new(number, Fen(fen), CodeId(code)));
    let inconsistent = "40004 ACQ.CONTEXT_INCONSISTENT";
    assert_eq!(gist(&bench.call(&other(NUMBER, 1026, 1))), inconsistent);
    assert_eq!(gist(&bench.call(&other(NUMBER, 1025, 2))), inconsistent);
    let used = "40004 ACQ.PAYMENT_AUTH_CODE_INVALID";
    assert_eq!(gist(&bench.call(&other("T1-0002", 1025, 1))), used);
    assert_eq!(bench.alipay.truth_of_all(bench.now).charges, 0);
    bench.after(8);
    assert_eq!(bench.alipay.truth_of_all(bench.now).charges, 1);
}

#[test]
fn close_ends_only_what_waits() {
    let close = TradeCall::Close(Which::from(NUMBER));
    let mut bench = Bench::with(Customer::Leaves);
    assert_eq!(gist(&bench.call(&close)), "40004 ACQ.TRADE_NOT_EXIST");
    bench.pay();
    assert_eq!(gist(&bench.call(&close)), "10000 TRADE_CLOSED");
    assert_eq!(gist(&bench.call(&close)), "40004 ACQ.TRADE_STATUS_ERROR");

    let mut bench = Bench::with(Customer::Pays(secs(0)));
    bench.pay();
    assert_eq!(gist(&bench.call(&close)), "40004 ACQ.TRADE_STATUS_ERROR");
    assert_eq!(bench.truth().kept, Fen(1025));
}

#[test]
fn a_refund_moves_money_once_for_each_request_number() {
    let mut bench = Bench::with(Customer::Pays(secs(0)));
    assert_eq!(gist(&bench.call(&refund(100, Some("R1")))), "40004 ACQ.TRADE_NOT_EXIST");
    bench.pay();
    assert_eq!(gist(&bench.call(&refund(100, Some("R1")))), "10000 TRADE_SUCCESS 1.00 Y");
    assert_eq!(gist(&bench.call(&refund(100, Some("R1")))), "10000 TRADE_SUCCESS 1.00 N");
    let other = bench.call(&refund(101, Some("R1")));
    assert_eq!(gist(&other), "40004 ACQ.DISCORDANT_REPEAT_REQUEST");
    assert_eq!(gist(&bench.call(&refund(100, None))), "40004 ACQ.INVALID_PARAMETER");
    let more = bench.call(&refund(926, Some("R2")));
    assert_eq!(gist(&more), "40004 ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    assert_eq!(bench.truth().kept, Fen(925));
    assert_eq!(gist(&bench.call(&refund(925, Some("R2")))), "10000 TRADE_CLOSED 10.25 Y");
    assert_eq!(bench.truth().kept, Fen(0));
    assert_eq!(gist(&bench.call(&refund(1, Some("R3")))), "40004 ACQ.TRADE_STATUS_ERROR");

    let ask = |number: &str| {
        TradeCall::RefundQuery(RefundQueryCall {
            which: NUMBER.into(),
            out_request_no: number.into(),
        })
    };
    assert_eq!(gist(&bench.call(&ask("R2"))), "10000 R2 9.25");
    assert_eq!(gist(&bench.call(&ask("R3"))), "10000 -");
}

#[test]
fn old_money_is_finished() {
    let mut bench = Bench::with(Customer::Pays(secs(0)));
    bench.pay();
    bench.after(90 * 24 * 3600);
    assert_eq!(gist(&bench.query()), "10000 TRADE_FINISHED");
    assert_eq!(gist(&bench.call(&refund(1025, None))), "40004 ACQ.TRADE_HAS_FINISHED");
    assert_eq!(gist(&bench.cancel()), "40004 ACQ.TRADE_HAS_FINISHED");
    assert_eq!(bench.truth().kept, Fen(1025));
}

#[test]
fn alipays_own_number_finds_the_trade_too() {
    let mut bench = Bench::with(Customer::Pays(secs(0)));
    let TradeAnswer::Paid(trade) = bench.pay() else { panic!("it was not paid") };
    let number = trade.trade_no;
    assert_eq!(number.to_string().len(), 28);
    assert_eq!(bench.call(&TradeCall::Query(Which::Theirs(number))), TradeAnswer::Found(trade));
    let other = "2026112922001400000000000002".parse().unwrap();
    let answer = bench.call(&TradeCall::Query(Which::Theirs(other)));
    assert_eq!(gist(&answer), "40004 ACQ.TRADE_NOT_EXIST");
}

#[test]
fn a_precreated_order_is_no_trade_until_it_is_scanned() {
    let scanned_after = Some(secs(20));
    let customer = Customer::Pays(secs(5));
    let mut bench =
        Bench::new(AlipaySettings { scanned_after, customer, ..AlipaySettings::default() });
    let offered = bench.call(&precreate(900));
    assert!(matches!(offered, TradeAnswer::Offered { .. }));
    assert_eq!(bench.call(&precreate(900)), offered);
    assert_eq!(gist(&bench.call(&precreate(901))), "40004 ACQ.CONTEXT_INCONSISTENT");
    assert_eq!(gist(&bench.after(19).query()), "40004 ACQ.TRADE_NOT_EXIST");
    assert!(bench.truth().open);
    assert_eq!(gist(&bench.after(1).query()), "10000 WAIT_BUYER_PAY");
    assert_eq!(gist(&bench.after(5).query()), "10000 TRADE_SUCCESS");
    assert_eq!(bench.truth().kept, Fen(900));
}

#[test]
fn a_precreated_order_is_withdrawn_by_a_cancel_or_not() {
    let scanned_after = Some(secs(20));
    let mut bench = Bench::new(AlipaySettings { scanned_after, ..AlipaySettings::default() });
    bench.call(&precreate(900));
    assert_eq!(gist(&bench.cancel()), "10000 close");
    assert_eq!(gist(&bench.after(30).query()), "40004 ACQ.TRADE_NOT_EXIST");
    assert!(!bench.truth().open);

    let settings =
        AlipaySettings { scanned_after, cancel_withdraws: false, ..AlipaySettings::default() };
    let mut bench = Bench::new(settings);
    bench.call(&precreate(900));
    assert_eq!(gist(&bench.cancel()), "10000 -");
    assert_eq!(gist(&bench.after(30).query()), "10000 TRADE_SUCCESS");
}

#[test]
fn a_code_on_the_screen_ends_after_two_hours() {
    let mut bench = Bench::new(AlipaySettings { scanned_after: None, ..AlipaySettings::default() });
    bench.call(&precreate(900));
    assert!(bench.after(7199).truth().open);
    assert!(!bench.after(1).truth().open);
    assert_eq!(bench.alipay.truth_of_all(bench.now), Default::default());
}

#[test]
fn a_payment_code_gets_old() {
    let customer = Customer::Refuses(secs(0));
    let settings =
        AlipaySettings { customer, refused_leaves_trade: false, ..AlipaySettings::default() };
    let mut bench = Bench::new(settings);
    bench.pay();
    bench.alipay.settings_mut().customer = Customer::Pays(secs(0));
    let answer = bench.after(61).call(&pay());
    assert_eq!(gist(&answer), "40004 ACQ.PAYMENT_AUTH_CODE_INVALID");
    assert_eq!(bench.truth().charges, 0);
}

#[test]
fn a_full_gateway_refuses_and_does_nothing() {
    let mut bench = Bench::new(AlipaySettings { trades: 0, ..AlipaySettings::default() });
    assert_eq!(gist(&bench.pay()), "40005 isv.app-call-limited");
    assert_eq!(gist(&bench.call(&precreate(900))), "40005 isv.app-call-limited");
    assert_eq!(gist(&bench.query()), "40004 ACQ.TRADE_NOT_EXIST");
}
