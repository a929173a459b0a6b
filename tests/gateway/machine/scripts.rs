//! The scripts of vectors/gateway.json: signed bytes in, methods and outcome out.

use std::time::Duration;

use data_encoding::BASE64;
use m26_pay::gateway::alipay::payment::{
    Hear, Heard, Input, Order, Outcome, Payment, Policy, Step,
};
use m26_pay::gateway::alipay::{AuthCode, GatewayUrl, Merchant, Pay, Sale, Subject};
use m26_pay::gateway::{HttpResponse, PublicKey, TransportError, TransportFault};
use m26_pay::unix_time::UnixMillis;
use serde_json::Value;
use support::keys::Pair;

use crate::orders;

/// The gateway of a script: each method is answered in order, the last answer is repeated.
struct Gateway<'a> {
    script: &'a Value,
    merchant: Merchant,
    methods: Vec<&'static str>,
}

impl Gateway<'_> {
    /// What is heard, and how long it takes.
    fn ask<C: Hear>(&mut self, method: &'static str, call: &C) -> (Duration, Heard) {
        let before = self.methods.iter().filter(|asked| **asked == method).count();
        self.methods.push(method);
        let answers = self.script["gateway"][method].as_array().unwrap();
        let answer = &answers[before.min(answers.len() - 1)];
        let unanswered = |fault| Heard::no_answer(&TransportError::new(fault));
        match answer["fault"].as_str() {
            Some("timeout") => (Duration::from_secs(10), unanswered(TransportFault::AnswerTimeout)),
            Some("closed_after_request") => (Duration::ZERO, unanswered(TransportFault::Closed)),
            Some(other) => panic!("{other}"),
            None => {
                let body = BASE64.decode(answer["body_b64"].as_str().unwrap().as_bytes()).unwrap();
                let status = u16::try_from(answer["http"].as_u64().unwrap()).unwrap();
                let kind = answer["content_type"].as_str().map(str::to_owned);
                // The call can be signed, and the answer is read as a transport brings it.
                self.merchant.request(call, UnixMillis(1_795_957_200_000)).unwrap();
                let response = HttpResponse::new(status, kind, body);
                (Duration::ZERO, Heard::answer::<C>(&self.merchant.read(call, &response)))
            }
        }
    }
}

fn run(script: &Value, key: &PublicKey) -> (String, Outcome) {
    let order = &script["order"];
    let text = |name: &str| order[name].as_str().unwrap();
    let sale = Sale::of(
        orders::number(text("out_trade_no")),
        text("total_amount").parse().unwrap(),
        Subject::new(text("subject")).unwrap(),
    );
    let pay = Pay::bar_code(sale.build().unwrap(), AuthCode::new(text("auth_code")).unwrap());
    let app_id = orders::identity().app_id.clone();
    let app = Pair::app().private_key();
    let merchant = Merchant::new(GatewayUrl::live(), app_id, app, key.clone()).unwrap();
    let mut gateway = Gateway { script, merchant, methods: Vec::new() };
    let mut now = orders::epoch();
    let at = UnixMillis(0);
    let order = Order::new(orders::identity(), orders::holder(), pay, at);
    let mut payment = Payment::new(now, order, Policy::default());
    let mut input = Input::Begin;
    let mut version = 0;
    loop {
        let (took, heard) = match payment.step(now, input) {
            Step::Write(_) => {
                version += 1;
                input = Input::Written(version);
                continue;
            }
            Step::Rest(until) => {
                now = until;
                input = Input::Resume;
                continue;
            }
            Step::Done(outcome) => return (gateway.methods.join(" "), outcome),
            Step::Pay(pay) => gateway.ask("pay", &*pay),
            Step::Query(query) => gateway.ask("query", &query),
            Step::Cancel(cancel) => gateway.ask("cancel", &cancel),
            other => panic!("{other:?}"),
        };
        now += took;
        input = Input::Answer(heard);
    }
}

#[test]
fn the_vectors_scripts() {
    let vectors: Value = serde_json::from_str(include_str!("scripts.json")).unwrap();
    let key = PublicKey::read(vectors["spki"].as_str().unwrap().as_bytes()).unwrap();
    for script in vectors["scripts"].as_array().unwrap() {
        let id = script["id"].as_str().unwrap();
        let (methods, outcome) = run(script, &key);
        let name = outcome.as_str().replace('-', "_");
        let fits = |accept: &Value| {
            accept["outcome"] == name.as_str()
                && matches(accept["methods"].as_str().unwrap(), &methods)
        };
        assert!(script["accept"].as_array().unwrap().iter().any(fits), "{id}: {methods}: {name}");
        if let Some(rep) = script["rep"].as_i64() {
            assert_eq!(outcome.trade_result() as i64, rep, "{id}");
        }
    }
}

/// The few forms of expressions that the scripts have.
fn matches(expression: &str, methods: &str) -> bool {
    let count = |method| methods.split(' ').filter(|asked| *asked == method).count();
    match expression {
        "^pay$" => methods == "pay",
        "^pay query$" => methods == "pay query",
        "^pay query query$" => methods == "pay query query",
        "^pay( query){5,8} cancel$" => {
            let queries = count("query");
            (5..=8).contains(&queries)
                && methods == format!("pay{} cancel", " query".repeat(queries))
        }
        "^pay( query)+( cancel| query)*$" => {
            methods.starts_with("pay query") && count("pay") == 1 && count("precreate") == 0
        }
        other => panic!("{other} is not known here"),
    }
}
