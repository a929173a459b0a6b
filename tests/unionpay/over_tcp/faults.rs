//! Whatever goes wrong on the way: no request leaves twice, and what is not known is not called done
//! or refused.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use m26_pay::gateway::unionpay::token::MemoryTokens;
use m26_pay::gateway::unionpay::{
    BackendToken, Call, CallError, ContractInfo, ContractStatus, GetAccessToken, GetBackendToken,
    GetFrontToken, Refusal, UnionPay, UserAuth, UserMobile,
};
use m26_pay::gateway::{Deadlines, Delivery, Effect, Http};
use m26_pay::sim::gateway::unionpay::{CallName, PlannedFault, UnionPayFault};

use super::rows::{account, card, draw, message, packet, password, relieve, select, tax};
use super::{Shop, access, apply, chances, code, open_id, plan_id, present};

/// One call of the table, made at a shop.
type Row = (CallName, Box<dyn Fn(&Shop, &BackendToken, Deadlines) -> Heard + Send>);

/// What was heard of it: done, refused, or nothing that proves anything.
type Heard = Result<Result<(), Refusal>, CallError>;

fn row<C: Call + Send + 'static>(call: C) -> Row {
    let name = C::NAME.parse().unwrap();
    let ask = move |shop: &Shop, token: &BackendToken, deadlines: Deadlines| {
        shop.send(&call, token, deadlines).map(|answer| answer.result.map(drop))
    };
    (name, Box::new(ask))
}

fn rows() -> Vec<Row> {
    let auth = || access("upapi_auth");
    vec![
        row(GetBackendToken),
        row(GetFrontToken),
        row(GetAccessToken::new(code("upapi_base"))),
        row(UserMobile::new(open_id(), auth())),
        row(UserAuth::new(open_id(), auth())),
        row(password()),
        row(apply()),
        row(relieve("6218400000000000001")),
        row(ContractStatus::new(open_id())),
        row(ContractInfo::new(open_id(), plan_id())),
        row(message()),
        row(tax()),
        row(card()),
        row(packet(open_id())),
        row(account()),
        row(select()),
        row(chances()),
        row(draw()),
    ]
}

#[test]
fn every_call_of_the_table_has_its_row() {
    let names: Vec<_> = rows().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), CallName::ALL.len());
    for name in CallName::ALL {
        assert!(names.contains(&name), "{name}");
    }
}

/// What a fault does to each call, after what the call needs was done. Each has a shop of its own, and
/// all are struck side by side, since some faults are waited for.
fn strike(fault: UnionPayFault, check: impl Fn(CallName, Heard) + Sync) {
    thread::scope(|scope| {
        for row in rows() {
            let check = &check;
            scope.spawn(move || strike_one(fault, row, check));
        }
    });
}

fn strike_one(fault: UnionPayFault, (name, ask): Row, check: impl Fn(CallName, Heard)) {
    let patient = Deadlines::default();
    let silent = matches!(fault, UnionPayFault::Late | UnionPayFault::Lost);
    let shop = Shop::new(|_| {});
    let token = shop.token();
    if name != CallName::ContractApply {
        shop.send(&apply(), &token, patient).unwrap().result.unwrap();
    }
    if name != CallName::QualSend {
        shop.send(&chances(), &token, patient).unwrap().result.unwrap();
    }
    let before = shop.calls(name);
    let planned = PlannedFault { fault, call: name, nth: before + 1 };
    shop.server.with(|gateway| gateway.plan(planned));
    let heard = ask(&shop, &token, if silent { HASTY } else { patient });
    shop.wait_for(name, before + 1);
    assert_eq!(shop.calls(name), before + 1, "{fault}: {name} left twice");
    check(name, heard);
}

#[test]
fn no_answer_is_unknown() {
    for fault in [
        UnionPayFault::BadGateway,
        UnionPayFault::Closed,
        UnionPayFault::CutOff,
        UnionPayFault::Html,
        UnionPayFault::Late,
        UnionPayFault::Lost,
        UnionPayFault::Redirect,
    ] {
        strike(fault, |name, heard| match heard {
            Ok(result) => panic!("{fault} at {name} is taken for an answer: {result:?}"),
            Err(error) => assert_eq!(error.delivery(), Delivery::Unknown, "{fault} at {name}"),
        });
    }
}

#[test]
fn the_forms_of_the_samples_are_read() {
    strike(UnionPayFault::Misspelled, |name, heard| {
        assert!(matches!(heard, Ok(Ok(()))), "{name}: {heard:?}");
    });
}

#[test]
fn a_token_that_was_evicted_is_asked_for_by_its_code() {
    strike(UnionPayFault::Evicted, |name, heard| match heard.unwrap() {
        Ok(()) => {}
        Err(refusal) => assert_eq!(refusal.code.as_str(), "a10", "{name}"),
    });
}

#[test]
fn an_unlisted_code_proves_nothing() {
    strike(UnionPayFault::WrongSignature, |name, heard| {
        let refusal = heard.unwrap().unwrap_err();
        assert_eq!(
            (refusal.code.as_str(), refusal.effect()),
            ("SIM001", Effect::Unknown),
            "{name}"
        );
    });
}

#[test]
fn what_the_network_doubles_left_once() {
    strike(UnionPayFault::Duplicated, |_, heard| drop(heard.unwrap()));
}

/// The run loop with the keeper of tokens: only what was not carried out for its token's sake is asked
/// once more.
#[test]
fn the_keeper_repeats_after_an_eviction_and_after_nothing_else() {
    for fault in UnionPayFault::ALL {
        let shop = Shop::new(|settings| settings.clock = present());
        let store = Arc::new(MemoryTokens::new());
        let client = || UnionPay::new(shop.app.clone(), Http::new(), Arc::clone(&store));
        client().backend_token().unwrap();
        let silent = matches!(fault, UnionPayFault::Late | UnionPayFault::Lost);
        let client = if silent { client().deadlines(HASTY) } else { client() };
        for call in [CallName::NewMsgPush, CallName::RedPacketGive] {
            shop.server.with(|gateway| gateway.plan(PlannedFault { fault, call, nth: 1 }));
        }
        drop(client.call(&message()));
        drop(client.call(&packet(open_id())));
        shop.wait_for(CallName::NewMsgPush, 1);
        shop.wait_for(CallName::RedPacketGive, 1);
        let again = u64::from(fault == UnionPayFault::Evicted);
        assert_eq!(shop.calls(CallName::NewMsgPush), 1 + again, "{fault}");
        assert_eq!(shop.calls(CallName::RedPacketGive), 1, "{fault}");
        // What the network doubles is pushed twice, by no fault of ours.
        let most = if fault == UnionPayFault::Duplicated { 2 } else { 1 };
        assert!(shop.truth().pushed <= most && shop.truth().packets <= most, "{fault}");
    }
}

/// It waits for no answer that is late.
const HASTY: Deadlines = Deadlines::new(Duration::from_secs(30), Duration::from_millis(300));
