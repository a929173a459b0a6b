//! What must hold: a success is the command's own, what is called held is held, every command ends.

use std::time::{Duration, Instant};

use m26_pay::at::profile::Profile;
use m26_pay::engine::Certainty;
use m26_pay::error::Error;
use m26_pay::sim::modem::ModemSettings;

use crate::model::ask::{Ask, Told};
use crate::model::truth::{Known, Truth, lock, signature_in};

/// Compares what programs are told with what the module knows.
pub struct Judge {
    truth: Known,
    profile: Profile,
    /// What the module was when it started.
    module: ModemSettings,
    /// Reports whose fate is not known.
    pub unsure: Vec<u64>,
    pub asks: u64,
    pub answered: u64,
    pub wrong: Option<String>,
}

/// What was known when a command was asked.
pub struct Asked {
    at: Instant,
    heard: u32,
    again: bool,
}

impl Judge {
    pub fn new(truth: &Known, profile: Profile, module: ModemSettings) -> Self {
        Self {
            truth: Known::clone(truth),
            profile,
            module,
            unsure: Vec::new(),
            asks: 0,
            answered: 0,
            wrong: None,
        }
    }

    /// How long the module itself takes for a signature.
    pub fn signing(&self) -> Duration {
        self.module.latencies.sign + self.module.latencies.command
    }

    pub fn fail(&mut self, text: String) {
        self.wrong.get_or_insert(text);
    }

    /// A command is asked now.
    pub fn ask(&mut self, now: Instant, ask: &Ask) -> Asked {
        self.asks += 1;
        let again = matches!(ask, Ask::Report(number) if self.unsure.contains(number));
        Asked { at: now, heard: self.heard(ask), again }
    }

    fn heard(&self, ask: &Ask) -> u32 {
        lock(&self.truth).heard.get(&ask.line(&self.profile)).copied().unwrap_or_default()
    }

    /// It ended now, and had `bound`.
    pub fn end(
        &mut self,
        now: Instant,
        ask: &Ask,
        asked: &Asked,
        outcome: &Result<Told, Error>,
        bound: Duration,
    ) {
        let took = now - asked.at;
        if took > bound {
            self.fail(format!("no end: {ask:?} took {took:?}"));
        }
        match outcome {
            Ok(told) => {
                self.answered += 1;
                self.told(ask, asked, told);
            }
            Err(error) => self.failed(ask, asked, error),
        }
    }

    fn told(&mut self, ask: &Ask, asked: &Asked, told: &Told) {
        let truth = self.truth.clone();
        let truth = &*lock(&truth);
        let garbled = Truth::within(truth.garbled, asked.at);
        let forged = Truth::within(truth.forged, asked.at);
        match (ask, told) {
            (Ask::Sign(number), Told::Text(text)) => {
                // What the module has signed for this request, at one time or another.
                let begins = Ask::signature_begins(*number);
                let own = |signature: &str| signature.starts_with(&begins);
                match signature_in(text).filter(|found| truth.signed.contains(*found)) {
                    Some(found) if own(found) => {}
                    Some(_) => {
                        self.fail(format!("wrong credit: {ask:?} got another's signature"));
                    }
                    None if truth.signed.iter().any(|one| own(one) && text.contains(one)) => {}
                    _ if garbled => {}
                    _ => self.fail(format!("wrong credit: {ask:?} got {text:?}")),
                }
            }
            (Ask::Report(number), _) if !truth.held.contains(&Ask::record(*number)) && !forged => {
                self.fail(format!("not held: {ask:?} is called held"));
            }
            (Ask::Usage(number), _)
                if !truth.counted.contains(&Ask::counts(*number)) && !forged =>
            {
                self.fail(format!("wrong credit: {ask:?} was not counted"));
            }
            (Ask::SetConfig(number), _) => {
                let item = number.to_string();
                let set = |(at, config): &(Instant, _)| *at >= asked.at && is(config, &item);
                if !truth.configs.iter().any(set) {
                    self.fail(format!("wrong credit: {ask:?} was not carried out"));
                }
            }
            (Ask::ReadConfig, Told::Text(item)) if !garbled => {
                // The one that was in force when it was asked, and those that came later.
                let later = truth.configs.iter().position(|(at, _)| *at > asked.at);
                let first = later.unwrap_or(truth.configs.len()).saturating_sub(1);
                if !truth.configs[first..].iter().any(|(_, config)| is(config, item)) {
                    self.fail(format!("wrong credit: {ask:?} got {item} of before"));
                }
            }
            (Ask::Open, _) if !Truth::within(truth.open, asked.at) && !forged => {
                self.fail("wrong credit: the SDK is called open and is not".into());
            }
            (Ask::DeviceId, Told::Text(text)) if *text != self.module.biz_tid && !garbled => {
                self.fail(format!("wrong credit: {ask:?} got {text:?}"));
            }
            (Ask::Imei, Told::Text(text)) if *text != self.module.imei && !garbled => {
                self.fail(format!("wrong credit: {ask:?} got {text:?}"));
            }
            (Ask::Queue, Told::Text(text))
                if *text != self.module.queue_size.to_string() && !garbled =>
            {
                self.fail(format!("wrong credit: {ask:?} got {text:?}"));
            }
            _ => {}
        }
    }

    fn failed(&mut self, ask: &Ask, asked: &Asked, error: &Error) {
        let garbled = Truth::within(lock(&self.truth).garbled, asked.at);
        match (error.certainty(), ask) {
            (Certainty::NotSent, _) if !asked.again && self.heard(ask) > asked.heard => {
                let unique = matches!(ask, Ask::Report(_) | Ask::SetConfig(_) | Ask::Sign(_));
                if unique {
                    self.fail(format!("denied: {ask:?} was not sent, it is said, and was heard"));
                }
            }
            (Certainty::Unknown, Ask::Report(number)) if !asked.again => {
                self.unsure.push(*number);
            }
            (Certainty::Refused, Ask::Report(number)) if !asked.again && !garbled => {
                let held = lock(&self.truth).held.contains(&Ask::record(*number));
                if held {
                    self.fail(format!("denied: {ask:?} is held, and failed as refused: {error}"));
                }
            }
            _ => {}
        }
    }
}

fn is(config: &m26_pay::sim::modem::ModemConfig, item: &str) -> bool {
    config.item_id == item
}
