//! Each rule of the machine by its name.

use m26_pay::alipay::TradeResult;
use m26_pay::gateway::alipay::payment::{
    Advice, Heard, HeardTrade, Input, NotWritten, Outcome, Step, WaitsFor,
};
use m26_pay::gateway::journal::{Entry, NotPaid, NotPaidBy, Paid, PaidBy, Settled, Stage};

use super::{Till, UNCLEAR, amount, not_exist, ours, refused, said};
use crate::orders;

#[test]
fn w1_no_pay_before_its_entry_is_written() {
    let mut till = Till::new();
    assert_eq!(till.begin(), "write begun");
    // Whatever else is said, nothing leaves before the write.
    assert_eq!(till.step(Input::Resume), "await");
    assert_eq!(till.hears(Heard::Paid(ours())), "await");
    assert_eq!(till.begin(), "await");
    assert_eq!(till.written(), "pay");
}

#[test]
fn w2_what_is_not_written_is_not_sent() {
    let mut till = Till::new();
    till.begin();
    assert_eq!(till.not_written(), "not-paid not-written");
    assert!(till.payment.requests().is_empty());
    assert_eq!(till.outcome.unwrap().trade_result(), TradeResult::Unavailable);
}

#[test]
fn p1_a_number_that_is_taken_is_neither_paid_nor_called_unpaid() {
    let mut till = Till::new();
    till.begin();
    let step = till.step(Input::NotWritten(NotWritten::Elsewhere));
    assert_eq!(step, "unknown elsewhere");
    assert!(till.payment.requests().is_empty());
}

#[test]
fn p2_a_second_pay_only_after_not_exist_and_while_the_code_is_fresh() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears_after(4, UNCLEAR), "query");
    // Not at once: 5 s lie between two pays.
    assert_eq!(till.hears(not_exist()), "rest 5");
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(not_exist()), "pay");
    assert_eq!(till.hears_after(10, UNCLEAR), "query");
    // An error of the query is no TRADE_NOT_EXIST.
    assert_eq!(till.hears_after(10, UNCLEAR), "rest 5");
    assert_eq!(till.rests(), "query");
    // It is 34 s since the first one.
    assert_eq!(till.hears(not_exist()), "rest 5");
}

#[test]
fn p2_the_second_pay_is_the_first_one() {
    let mut till = Till::new();
    till.begin();
    let Step::Pay(first) = till.payment.step(till.now, Input::Written(1)) else { panic!() };
    till.hears_after(10, UNCLEAR);
    let answer = Input::Answer(not_exist());
    let Step::Pay(second) = till.payment.step(till.now, answer) else { panic!() };
    assert_eq!(first, second);
}

#[test]
fn p2_a_trade_that_was_seen_is_not_paid_again() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears(Heard::Waiting(ours())), "rest 5");
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(not_exist()), "rest 5");
}

#[test]
fn p3_the_refusal_of_a_repeated_pay_ends_nothing() {
    let mut till = Till::new().paying();
    till.hears_after(10, UNCLEAR);
    assert_eq!(till.hears(not_exist()), "pay");
    assert_eq!(till.hears(refused()), "query");
    // No third one, and the first may yet be found.
    assert_eq!(till.hears(not_exist()), "rest 5");
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(Heard::Paid(ours())), "write the end");
    assert_eq!(till.written(), "paid query");
}

#[test]
fn the_refusal_of_the_only_pay_is_the_end() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears(refused()), "write the end");
    assert_eq!(till.written(), "not-paid refused");
    let outcome = till.outcome.unwrap();
    assert_eq!(outcome.trade_result(), TradeResult::Failed);
    assert_eq!(outcome.advice(), Advice::OtherMeans);
}

#[test]
fn what_was_not_sent_is_not_paid() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears(Heard::NotSent), "write the end");
    assert_eq!(till.written(), "not-paid not-sent");
    assert_eq!(till.outcome.unwrap().trade_result(), TradeResult::NetworkError);
}

#[test]
fn q1_what_nobody_knows_is_asked_for_at_once_and_cancelled_in_the_end() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears_after(10, Heard::Unclear(Some(said("ACQ.SYSTEM_ERROR")))), "query");
    let mut steps = 0;
    let mut step = till.hears(UNCLEAR);
    while step.starts_with("rest") {
        assert_eq!(till.rests(), "query");
        step = till.hears(UNCLEAR);
        steps += 1;
    }
    assert_eq!(steps, 10);
    assert_eq!((till.now - orders::epoch()).as_secs(), 60);
    assert_eq!(step, "write cancelling");
    assert_eq!(till.written(), "cancel");
    assert_eq!(till.hears_after(10, UNCLEAR), "query");
    assert_eq!(till.hears_after(10, UNCLEAR), "write cancelling");
    assert_eq!(till.written(), "unknown no-proof");
    let outcome = till.outcome.unwrap();
    assert_eq!(outcome.trade_result(), TradeResult::Unknown);
    assert_eq!(outcome.advice(), Advice::WaitCancelling);
}

#[test]
fn q1_the_query_may_find_it_paid() {
    let mut till = Till::new().paying();
    till.hears_after(10, UNCLEAR);
    assert_eq!(till.hears(Heard::Paid(ours())), "write the end");
    assert_eq!(till.written(), "paid query");
}

#[test]
fn q2_an_error_in_a_query_ends_no_poll() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears(Heard::Waiting(ours())), "rest 5");
    for error in [UNCLEAR, Heard::NotSent, Heard::Refused(said("ACQ.INVALID_PARAMETER"))] {
        assert_eq!(till.rests(), "query");
        assert_eq!(till.hears(error), "rest 5");
    }
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(Heard::Paid(ours())), "write the end");
}

#[test]
fn c1_the_cancel_follows_the_last_query() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears(Heard::Waiting(ours())), "rest 5");
    for _ in 0..5 {
        assert_eq!(till.rests(), "query");
        assert_eq!(till.hears(Heard::Waiting(ours())), "rest 5");
    }
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(Heard::Waiting(ours())), "write cancelling");
    assert_eq!(till.written(), "cancel");
    assert_eq!(till.hears(Heard::Cancelled(ours())), "write the end");
    assert_eq!(till.written(), "not-paid cancelled");
    assert_eq!(till.outcome.unwrap().trade_result(), TradeResult::Timeout);
}

#[test]
fn c2_no_cancel_after_paid() {
    let mut till = Till::new().paying();
    // The cashier stops while the answer is on its way, and the answer says paid.
    till.payment.stop();
    assert_eq!(till.hears(Heard::Paid(ours())), "write the end");
    assert_eq!(till.written(), "paid pay");
    // Nor if it cannot be written, nor after a restart.
    let mut till = Till::new().paying();
    till.hears(Heard::Paid(ours()));
    let mut restarted = till.restarted();
    restarted.entry = None;
    assert_eq!(restarted.begin(), "paid pay");
    assert_eq!(till.not_written(), "paid pay");
}

#[test]
fn c2_what_was_called_paid_and_not_written_is_not_cancelled_after_a_restart() {
    let mut till = Till::new().paying();
    let mut begun = till.restarted();
    assert_eq!(till.hears(Heard::Paid(ours())), "write the end");
    assert_eq!(till.not_written(), "paid pay");
    assert_eq!(begun.begin(), "query");
    assert_eq!(begun.hears(UNCLEAR), "write begun");
    assert_eq!(begun.written(), "unknown no-proof");
}

#[test]
fn c3_a_trade_that_is_not_ours_is_not_cancelled() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears(Heard::Unclear(Some(said("ACQ.TRADE_HAS_SUCCESS")))), "query");
    let other = HeardTrade { total_amount: Some("10.26".parse().unwrap()), ..ours() };
    assert_eq!(till.hears(Heard::Paid(other)), "write begun");
    assert_eq!(till.written(), "unknown other-amount");
    assert!(till.entry.unwrap().is_open());
    assert_eq!(till.outcome.unwrap().advice(), Advice::NumberTaken);
}

#[test]
fn c4_a_cancel_without_action_proves_nothing() {
    let mut till = stopped_while_waiting();
    assert_eq!(till.hears(Heard::NoAction(ours())), "query");
    assert_eq!(till.hears(not_exist()), "rest 2");
    assert_eq!(till.rests(), "cancel");
    assert_eq!(till.hears(Heard::Refunded(ours())), "write the end");
    assert_eq!(till.written(), "not-paid refunded");
    assert_eq!(till.outcome.unwrap().advice(), Advice::GivenBack);
}

#[test]
fn c5_paid_is_not_paid_while_a_cancel_may_arrive() {
    let mut till = stopped_while_waiting();
    assert_eq!(till.hears(UNCLEAR), "query");
    assert_eq!(till.hears(Heard::Paid(ours())), "rest 2");
    assert_eq!(till.rests(), "cancel");
    assert_eq!(till.hears(UNCLEAR), "query");
    assert_eq!(till.hears_after(6, Heard::Paid(ours())), "write cancelling");
    assert_eq!(till.written(), "unknown no-proof");
}

#[test]
fn c5_paid_is_paid_where_every_cancel_was_refused() {
    let mut till = stopped_while_waiting();
    assert_eq!(till.hears(Heard::Refused(said("ACQ.SELLER_BALANCE_NOT_ENOUGH"))), "query");
    assert_eq!(till.hears(Heard::Paid(ours())), "write the end");
    // The journal says that it is being cancelled; if it cannot learn better, neither can we.
    let mut unwritten = stopped_while_waiting();
    unwritten.hears(Heard::Refused(said("ACQ.SELLER_BALANCE_NOT_ENOUGH")));
    unwritten.hears(Heard::Paid(ours()));
    assert_eq!(unwritten.not_written(), "unknown journal");
    assert_eq!(till.written(), "paid query");
}

#[test]
fn c5_finished_is_paid_whatever_may_arrive() {
    let mut till = stopped_while_waiting();
    assert_eq!(till.hears(UNCLEAR), "query");
    assert_eq!(till.hears(Heard::Finished(ours())), "write the end");
    assert_eq!(till.written(), "paid query");
}

#[test]
fn c6_cancelling_is_written_before_the_first_cancel() {
    let till = stopped_while_waiting();
    let entry = till.entry.as_ref().unwrap();
    assert_eq!((entry.stage, &entry.outcome), (Stage::Cancelling, &None));
    // A restart knows it: what a query calls paid is cancelled again.
    let mut restarted = till.restarted();
    assert_eq!(restarted.begin(), "query");
    assert_eq!(restarted.hears(Heard::Paid(ours())), "cancel");
    assert_eq!(restarted.hears(Heard::Refunded(ours())), "write the end");
    assert_eq!(restarted.written(), "not-paid refunded");
}

#[test]
fn c6_no_cancel_leaves_that_is_not_written() {
    let mut till = Till::new().paying();
    till.payment.stop();
    assert_eq!(till.hears(Heard::Waiting(ours())), "write cancelling");
    for _ in 0..3 {
        assert_eq!(till.not_written(), "rest 2");
        assert_eq!(till.rests(), "write cancelling");
    }
    assert_eq!(till.not_written(), "write begun");
    assert_eq!(till.not_written(), "unknown journal");
}

#[test]
fn m1_number_and_amount_are_compared_at_each_answer() {
    let wrong = [
        HeardTrade { out_trade_no: Some(orders::number("A1_1")), ..ours() },
        HeardTrade { out_trade_no: None, ..ours() },
        HeardTrade { total_amount: None, ..ours() },
    ];
    for trade in wrong {
        let mut till = Till::new().paying();
        assert_eq!(till.hears(Heard::Paid(trade.clone())), "query", "{trade:?}");
        assert_eq!(till.hears(Heard::Paid(trade.clone())), "rest 5", "{trade:?}");
        // Of a cancel only the number is told.
        let mut till = stopped_while_waiting();
        let trade = HeardTrade { total_amount: None, ..trade };
        if trade.out_trade_no != ours().out_trade_no {
            assert_eq!(till.hears(Heard::Cancelled(trade)), "query");
        }
    }
    let other = || HeardTrade { total_amount: Some("0.01".parse().unwrap()), ..ours() };
    for heard in [Heard::Paid(other()), Heard::Waiting(other())] {
        let mut till = Till::new().paying();
        till.hears(heard);
        assert_eq!(till.written(), "unknown other-amount");
    }
}

#[test]
fn u1_what_is_not_verified_changes_nothing() {
    let mut unverified = said("ACQ.PAYMENT_AUTH_CODE_INVALID");
    unverified.verified = false;
    let mut till = Till::new().paying();
    assert_eq!(till.hears(Heard::Unclear(Some(unverified.clone()))), "query");
    assert_eq!(till.hears(Heard::Unclear(Some(unverified.clone()))), "rest 5");
    // The reason is kept for the technician.
    assert_eq!(till.payment.entry().evidence.last, Some(unverified));
}

#[test]
fn u2_unknown_leaves_the_entry_open_for_anybody() {
    let mut till = stopped_while_waiting();
    till.hears(UNCLEAR);
    till.hears_after(9, UNCLEAR);
    assert_eq!(till.written(), "unknown no-proof");
    let entry = till.entry.unwrap();
    assert!(entry.is_open() && entry.owner.is_none());
    assert_eq!(entry.stage, Stage::Cancelling);
}

#[test]
fn n1_an_end_that_is_there_is_the_end_and_nothing_is_sent_after_it() {
    let paid = Settled::Paid(Paid {
        trade_no: ours().trade_no,
        amount: amount(),
        proof: PaidBy::Notification,
    });
    let not_paid = Settled::NotPaid(NotPaid { trade_no: None, proof: NotPaidBy::Closed });
    for (there, told) in [(paid, "paid notification"), (not_paid, "not-paid closed")] {
        // It was about to be cancelled, or it was about to be called paid.
        let mut stopped = Till::new().paying();
        stopped.payment.stop();
        assert_eq!(stopped.hears(Heard::Waiting(ours())), "write cancelling");
        let mut heard = Till::new().paying();
        assert_eq!(heard.hears(Heard::Paid(ours())), "write the end");
        for mut till in [stopped, heard] {
            let outcome = Some(there.clone());
            let entry = Entry { outcome, ..till.entry.clone().unwrap() };
            assert_eq!(till.step(Input::Settled(Box::new(entry.clone()))), told);
            assert_eq!(till.payment.entry(), &entry);
            assert_eq!(till.payment.requests().len(), 1);
        }
    }
    // What a person gave up proves nothing.
    let mut till = Till::new().paying();
    till.hears(Heard::Paid(ours()));
    let given_up = Entry { outcome: Some(Settled::GivenUp), ..till.entry.clone().unwrap() };
    assert_eq!(till.step(Input::Settled(Box::new(given_up))), "unknown elsewhere");
}

#[test]
fn t1_only_the_clock_that_is_given_decides() {
    let mut till = Till::new().paying();
    till.hears(Heard::Waiting(ours()));
    // A rest that is not over is asked for again, however often it is ended.
    assert_eq!(till.step(Input::Resume), "rest 5");
    till.now += std::time::Duration::from_secs(4);
    assert_eq!(till.step(Input::Resume), "rest 1");
    assert_eq!(till.rests(), "query");
}

#[test]
fn r1_after_a_restart_nothing_is_paid() {
    let till = Till::new().paying();
    let mut restarted = till.restarted();
    assert_eq!(restarted.begin(), "query");
    assert_eq!(restarted.hears(not_exist()), "write begun");
    assert_eq!(restarted.written(), "unknown no-proof");
    let mut restarted = till.restarted();
    assert_eq!(restarted.begin(), "query");
    assert_eq!(restarted.hears(Heard::Waiting(ours())), "write cancelling");
    assert_eq!(restarted.written(), "cancel");
    let mut restarted = till.restarted();
    restarted.begin();
    assert_eq!(restarted.hears(Heard::Closed(ours())), "write the end");
    assert_eq!(restarted.written(), "not-paid closed");
}

#[test]
fn the_stop_during_the_poll_cancels_at_once() {
    let mut till = Till::new().paying();
    assert_eq!(till.hears(Heard::Waiting(ours())), "rest 5");
    till.payment.stop();
    assert_eq!(till.step(Input::Resume), "write cancelling");
}

#[test]
fn the_stop_before_anything_is_sent_sends_nothing() {
    let mut till = Till::new();
    till.begin();
    till.payment.stop();
    assert_eq!(till.written(), "write the end");
    assert_eq!(till.written(), "not-paid stopped");
    let end = till.entry.unwrap().outcome;
    assert!(matches!(end, Some(Settled::NotPaid(end)) if end.proof == NotPaidBy::Stopped));
    assert!(till.payment.requests().is_empty());
}

#[test]
fn somebody_else_who_works_on_it_ends_the_run() {
    let mut till = Till::new().paying();
    till.hears(Heard::Paid(ours()));
    assert_eq!(till.step(Input::NotWritten(NotWritten::Elsewhere)), "unknown elsewhere");
}

#[test]
fn the_end_is_told_again() {
    let mut till = Till::new().paying();
    till.hears(Heard::Paid(ours()));
    assert_eq!(till.written(), "paid pay");
    assert_eq!(till.step(Input::Resume), "paid pay");
    assert_eq!(till.hears(Heard::Closed(ours())), "paid pay");
    let Some(Outcome::Paid(paid)) = till.outcome else { panic!() };
    assert_eq!((paid.amount, paid.trade_no), (amount(), ours().trade_no));
}

#[test]
fn a_screen_can_show_what_is_waited_for() {
    let mut till = Till::new();
    let seen = |till: &Till| {
        let progress = till.payment.progress(till.now);
        (progress.waits_for, progress.at_most.as_secs())
    };
    assert_eq!(seen(&till).0, WaitsFor::Journal);
    till.begin();
    till.written();
    assert_eq!(seen(&till).0, WaitsFor::Alipay);
    till.hears(Heard::Waiting(ours()));
    // 30 s for the customer, then a query, the cancels and the last query.
    assert_eq!(seen(&till), (WaitsFor::Customer, 30 + 13 + 8 + 26));
    till.rests();
    assert_eq!(seen(&till), (WaitsFor::Customer, 25 + 13 + 8 + 26));
    till.payment.stop();
    till.hears(Heard::Waiting(ours()));
    assert_eq!(seen(&till), (WaitsFor::Cancel, 8 + 26));
    till.written();
    till.hears(Heard::Cancelled(ours()));
    till.written();
    assert_eq!(seen(&till), (WaitsFor::Nothing, 0));
}

/// The cashier stopped while the customer had yet to pay, and the cancel is on its way.
fn stopped_while_waiting() -> Till {
    let mut till = Till::new().paying();
    till.payment.stop();
    assert_eq!(till.hears(Heard::Waiting(ours())), "write cancelling");
    assert_eq!(till.written(), "cancel");
    till
}
