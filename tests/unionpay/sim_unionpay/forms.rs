//! Answers as the document's tables have them, and as its samples do.

use serde_json::{Value, json};

use super::faults::{Door, post};
use super::{PLAN_ID, open_id};
use m26_pay::sim::gateway::unionpay::{AnswerForm, CallName};

/// What a call says in both forms: as the tables have it, and as the sample does.
fn both(call: CallName, fields: impl Fn(&mut Door) -> Vec<(&'static str, String)>) -> [Value; 2] {
    [AnswerForm::Tables, AnswerForm::Samples].map(|form| {
        let mut door = Door::new(&[]);
        door.bench().settings_mut().form = form;
        let fields = fields(&mut door);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = door.fields(call, &fields);
        post(&mut door, call, &body)
    })
}

fn user(_: &mut Door) -> Vec<(&'static str, String)> {
    vec![("openId", open_id()), ("planId", PLAN_ID.into())]
}

#[test]
fn results_stand_around_some_envelopes() {
    let [table, sample] = both(CallName::ContractInfo, user);
    assert_eq!(table["params"], json!({ "contractId": "", "contractStatus": "" }));
    assert_eq!(sample["result"]["params"], table["params"]);
    assert_eq!((&sample["result"]["resp"], &sample["resp"]), (&json!("00"), &Value::Null));
}

#[test]
fn a_number_may_be_a_text() {
    let [table, sample] = both(CallName::ContractStatus, |_| vec![("openId", open_id())]);
    assert_eq!(table["params"]["enable"], 0);
    assert_eq!(sample["params"]["enable"], "0");
}

#[test]
fn names_are_spelled_in_two_ways() {
    let refund = |_: &mut Door| vec![("refundNo", "1232144356436".to_owned())];
    let [table, sample] = both(CallName::ReturnTax, refund);
    assert_eq!(
        (&table["params"]["cardTyoe"], &table["params"]["resp"]),
        (&json!("1"), &json!("00"))
    );
    let sample = &sample["result"]["params"];
    assert_eq!((&sample["cardType"], &sample["resp"]), (&json!("1"), &json!("")));

    let apply = |door: &mut Door| {
        let access = door.log_in("upapi_contract");
        let mut fields = user(door);
        fields.extend([("accessToken", access), ("contractCode", "1".to_owned())]);
        fields
    };
    let [table, sample] = both(CallName::ContractApply, apply);
    assert_eq!(table["params"]["operateTime"], "20261129210000");
    assert_eq!(sample["params"]["operationTime"], "20261129210000");

    let relieve = move |door: &mut Door| {
        let fields = apply(door);
        let asked: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = door.fields(CallName::ContractApply, &asked);
        post(door, CallName::ContractApply, &body);
        let mut fields = user(door);
        fields.push(("contractId", "6218400000000000001".to_owned()));
        fields.push(("contractCode", "1".to_owned()));
        fields
    };
    let [table, sample] = both(CallName::ContractRelieve, relieve);
    assert_eq!(table["params"]["operateTime"], "20261129210000");
    assert_eq!(sample["params"]["operationTime"], "2026-11-29 21:00:00");
}

#[test]
fn a_token_comes_bare_and_with_blanks() {
    let login = |door: &mut Door| {
        let code = door.code("upapi_base");
        vec![("code", code), ("grantType", "authorization_code".to_owned())]
    };
    let [table, sample] = both(CallName::Token, login);
    assert_eq!(table["params"]["scope"], "upapi_base");
    assert_eq!(sample["scope"], " upapi_base ");
    assert_eq!(sample["openId"], format!("{} ", open_id()));
    assert_eq!(sample["resp"], Value::Null);
}
