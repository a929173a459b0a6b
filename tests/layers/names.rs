//! A public type has a name of its own, unless it is one of two drivers' twins.
//!
//! The payment gateways are not looked at: they can become a crate of their own, and have the names
//! of Alipay's and UnionPay's documents (`Order`, `Query`, `Refund`).

use std::collections::BTreeMap;
use std::fs;

use crate::sources;

#[test]
fn no_public_type_has_the_name_of_another() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (module, path) in sources() {
        let module = module.join("::");
        if module.starts_with("gateway") || module.starts_with("sim::gateway") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        for name in text.lines().filter_map(public_type) {
            places.entry(name.to_owned()).or_default().push(module.clone());
        }
    }
    assert!(places.len() > 200, "the reader found {} types only", places.len());
    for (name, modules) in &places {
        let twins = modules.len() == 2
            && modules.iter().any(|module| module.starts_with("blocking"))
            && modules.iter().any(|module| module.starts_with("asynch"));
        assert!(modules.len() == 1 || twins, "{name} stands in {}", modules.join(" and in "));
    }
}

/// The name of the type that a line begins to define for everybody.
fn public_type(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let (kind, rest) = rest.split_once(' ')?;
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    ["struct", "enum", "trait", "type"].contains(&kind).then(|| &rest[..end])
}

#[test]
fn definitions_are_found() {
    assert_eq!(public_type("pub struct Sign;"), Some("Sign"));
    assert_eq!(public_type("pub enum State<'a> {"), Some("State"));
    assert_eq!(public_type("pub fn sign() {"), None);
    assert_eq!(public_type("pub(super) struct Line {"), None);
    assert_eq!(public_type("    pub struct Inner;"), None);
}

#[test]
fn an_enum_that_can_grow_says_so() {
    for (module, path) in sources() {
        let text = fs::read_to_string(path).unwrap();
        let mut attributes: Vec<&str> = Vec::new();
        for line in text.lines() {
            match line.strip_prefix("pub enum ").and_then(|rest| rest.split([' ', '<']).next()) {
                Some(name) => {
                    let open = attributes.contains(&"#[non_exhaustive]");
                    let name = format!("{}::{name}", module.join("::"));
                    let closed = CLOSED.iter().any(|(known, _)| *known == name);
                    assert!(open != closed, "{name}: {RULE}");
                    attributes.clear();
                }
                None if line.starts_with("#[") => attributes.push(line),
                None if line.is_empty() => attributes.clear(),
                None => {}
            }
        }
    }
    assert!(CLOSED.iter().all(|(_, why)| why.len() > 10));
}

const RULE: &str = "an enum is #[non_exhaustive], or stands in CLOSED with the reason, not both";

/// Who matches one of these has to look at each case: a new one is a break that the compiler tells.
const CLOSED: &[(&str, &str)] = &[
    ("advice::language::Language", "each sentence is written in each language"),
    ("engine::failure::Certainty", "what is known of the money: there is no fourth answer"),
    (
        "gateway::alipay::payment::outcome::Outcome",
        "a payment is paid, not paid or unknown: there is no fourth",
    ),
    ("gateway::alipay::refunding::RefundOutcome", "a refund is made, not made or unknown"),
    ("gateway::effect::Effect", "what an answer means for the money, all of it"),
    ("gateway::alipay::trade::pay::PayAnswer", "what a payment's answer says, all of it"),
    (
        "gateway::transport::Delivery",
        "how far a request came: a case that is not looked at could be money",
    ),
    ("gateway::journal::Begun", "a journal wrote an entry, or there is one"),
    ("gateway::journal::Claim", "who works on an order: each case has to be looked at"),
    ("gateway::alipay::settle::OrderState", "an order is open or it is not"),
    ("gateway::alipay::settle::Next", "what to do with an open order: a driver does each"),
    ("gateway::alipay::notify::Reply", "Alipay takes one word for yes, and all others for no"),
    ("gateway::alipay::call::TradeRef", "two numbers name a trade"),
    ("session::machine::MachineStep", "what a session's machine demands: a driver does each"),
    ("engine::event::Output", "what the engine demands: a driver does each"),
    ("flows::Step", "what a flow demands: a driver does each"),
    ("flows::Input", "what a flow is told: it takes each"),
    ("blocking::port::Interest", "what a port is polled for"),
    ("at::line::Frame", "what the line is cut into: each is classified"),
    ("at::syntax::View", "a line ends a command, has a prefix, or is text"),
    ("at::command::spoken::Form", "the four forms of a command (V.250, 5.4)"),
    ("transcript::Direction", "a line has two"),
    ("transcript::TranscriptStep", "who replays a recording has to do each"),
    ("campus::probe::report::Conclusion", "who decides on a layout has to look at each"),
    ("flows::configure::Configured", "who configures has to look at each outcome"),
    ("session::plan::ShutDown", "the module is left on or off"),
    ("campus::user_data::Name", "a name is text, or bytes that no charset reads"),
    ("campus::layouts::CodeContents", "a layout reads the code, or none does"),
    ("outbox::policy::Reached", "what is full stays, or makes room"),
    ("gateway::unionpay::calls::put_industry_card::TransTp", "a card is added, changed or deleted"),
    ("gateway::unionpay::keeper::errand::Input", "what a keeper is told: it takes each"),
    ("gateway::unionpay::keeper::errand::Step", "what a keeper demands: a driver does each"),
    ("gateway::unionpay::notify::Arrival", "HTTP's GET and POST"),
    ("gateway::unionpay::page::login::RedirectUriForm", "an address is encoded or as it is"),
    ("gateway::unionpay::qualified::Qualified", "the three fixed values of qualType (5.8.3)"),
    ("gateway::unionpay::signature::Empties", "an empty value is signed or left out"),
    ("gateway::unionpay::token::TokenKind", "an application has two tokens (5.1.1, 5.1.2)"),
    ("gateway::unionpay::token::store::Next", "what a store says: a keeper does each"),
    ("alipay::open::Opened", "AT+ALIPAYOPEN answers 0 or 1"),
    ("alipay::status::Held", "a record is in the cache, or in memory alone"),
    ("m26::identity::ReadIccid", "two commands read it"),
    ("outbox::uploads::Added", "a payment is new, or was there"),
    ("outbox::uploads::NextPayment", "an uploader does each"),
    ("sim::Chunk", "what the simulated line carries: each has to be brought over"),
    ("sim::gateway::http::Polled", "what a connection's poll gives: a server does each"),
    ("sim::gateway::alipay::call::Which", "two numbers name a trade"),
    ("sim::gateway::alipay::answer::Status", "the four states of a trade in the document"),
    ("sim::gateway::alipay::answer::Action", "two ways in which a trade is cancelled"),
    ("sim::gateway::alipay::line::Taken", "what the line did with a call: a client looks at each"),
];
