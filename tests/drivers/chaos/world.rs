//! What must hold, whatever happens.

use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use m26_pay::engine::{Certainty, Event};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::sim::modem::{self, Modem};

use crate::chaos::ask::{Ask, Told};
use crate::chaos::module::{Ledger, Shared, lock};
use crate::chaos::plan::{Class, REFUSED, Terms};

/// How a call ended.
#[derive(Debug)]
pub enum End {
    Answered(Result<Told, Error>),
    /// The caller left, and was told what is known, if anything.
    Left(Option<Certainty>),
}

/// What is known of a run, and the first thing in it that is wrong.
pub struct World<'a> {
    terms: &'a Terms,
    ledger: Shared<Ledger>,
    /// All commands with a number of their own, by number.
    asked: HashMap<u64, Ask>,
    /// The signature of each request to sign.
    signatures: Vec<(u64, String)>,
    /// Numbers whose answer reached somebody, be it as a late line.
    seen: HashSet<u64>,
    /// Lines that were not sent, so the client says.
    not_sent: Vec<Vec<u8>>,
    /// Commands that ended as refused, by number.
    refused: HashSet<u64>,
    /// The kinds of commands of which one was refused that may have been carried out all the same:
    /// a byte that has become a `;` makes two commands of it, and the first one's result comes when
    /// the client knows of none. No AT driver can tell.
    half_refused: HashSet<Discriminant<Ask>>,
    /// Answers that went to another command, by their own command's number, where it may turn out
    /// that nobody could know.
    crossed: Vec<(u64, String)>,
    /// Reports that were asked for more than once.
    repeated: HashSet<u64>,
    /// Reports whose fate is not known.
    pub unsure: Vec<u64>,
    news: u64,
    news_seen: u64,
    pub wrong: Option<String>,
    /// What happened, for the report of a failure.
    pub log: Vec<String>,
    pub answered: u64,
    pub asks: u64,
}

impl<'a> World<'a> {
    pub fn new(terms: &'a Terms, ledger: Shared<Ledger>) -> Self {
        Self {
            terms,
            ledger,
            asked: HashMap::new(),
            signatures: Vec::new(),
            seen: HashSet::new(),
            not_sent: Vec::new(),
            refused: HashSet::new(),
            half_refused: HashSet::new(),
            crossed: Vec::new(),
            repeated: HashSet::new(),
            unsure: Vec::new(),
            news: 0,
            news_seen: 0,
            wrong: None,
            log: Vec::new(),
            answered: 0,
            asks: 0,
        }
    }

    pub fn ask(&mut self, ask: &Ask) {
        self.asks += 1;
        let Some(number) = ask.number() else { return };
        if self.asked.insert(number, ask.clone()).is_some() {
            self.repeated.insert(number);
        }
        if let Ask::Sign(_) = ask {
            let signature = Modem::expected_signature(4, &number.to_string(), "");
            self.signatures.push((number, signature));
        }
    }

    pub fn fail(&mut self, text: String) {
        // A recording that a client has left says nothing of it any more.
        if lock(&self.ledger).parted.is_some() {
            return;
        }
        self.log.push(format!("WRONG: {text}"));
        self.wrong.get_or_insert(text);
    }

    /// A call that took so long came to its end.
    pub fn ended(&mut self, ask: &Ask, end: &End, took: Duration, bound: Duration) {
        self.log.push(format!("{ask:?} after {took:?}: {}", shown(end)));
        if took > bound {
            self.fail(format!("{ask:?} took {took:?} and had {bound:?}"));
        }
        let certainty = match end {
            End::Answered(Ok(told)) => {
                self.answered += 1;
                self.told(ask, told);
                None
            }
            End::Answered(Err(error)) => {
                self.failed(ask, error);
                Some(error.certainty())
            }
            End::Left(certainty) => Some(certainty.unwrap_or(Certainty::Unknown)),
        };
        match (ask, certainty) {
            (Ask::Report(number), Some(Certainty::Unknown)) => self.unsure.push(*number),
            (_, Some(Certainty::NotSent)) => {
                let again = ask.number().is_none_or(|number| self.repeated.contains(&number));
                if !again {
                    self.not_sent.push(ask.line(&self.terms.profile()));
                }
            }
            _ => {}
        }
    }

    /// An answer must be that of its command. Garbled it may be where bytes are changed; that of
    /// another command it is never.
    fn told(&mut self, ask: &Ask, told: &Told) {
        let number = match (ask, told) {
            (Ask::Echo(_) | Ask::Later(_), Told::Number(number)) => Some(*number),
            (Ask::Text(_), Told::Text(text)) => {
                text.strip_prefix('T').and_then(|text| text.parse().ok())
            }
            (Ask::Sign(own), Told::Text(text)) => {
                let signs = |(_, signature): &&(u64, String)| text.contains(signature.as_str());
                let signed: Vec<u64> =
                    self.signatures.iter().filter(signs).map(|(n, _)| *n).collect();
                signed.iter().find(|number| *number != own).or(signed.first()).copied()
            }
            _ => None,
        };
        let tagged = matches!(ask, Ask::Echo(_) | Ask::Later(_) | Ask::Text(_) | Ask::Sign(_));
        if tagged && number != ask.number() {
            let other = number.and_then(|number| self.asked.get(&number));
            let unknowable =
                self.is_told_true(number) || self.half_refused.contains(&discriminant(ask));
            if let Some(other) = other.filter(|_| !unknowable) {
                let text = format!("{ask:?} got the answer of {other:?}");
                match number.filter(|_| self.terms.class == Class::Disorderly) {
                    Some(number) => self.crossed.push((number, text)),
                    None => self.fail(text),
                }
            } else if self.terms.is_true() {
                self.fail(format!("{ask:?} got {told:?}"));
            }
        }
        if !matches!(ask, Ask::Sign(_)) {
            self.see(number);
        }
        if !self.terms.is_true() {
            return;
        }
        let module = modem::ModemSettings::default();
        let right = match (ask, told) {
            (Ask::DeviceId, Told::Text(text)) => *text == module.biz_tid,
            (Ask::Imei, Told::Text(text)) => *text == module.imei,
            (Ask::Queue, Told::Number(number)) => *number == self.terms.queue_size as u64,
            (Ask::Fail(_), _) => false,
            (Ask::Report(number), _) => lock(&self.ledger).held.contains(&number.to_string()),
            _ => true,
        };
        if !right {
            self.fail(format!("{ask:?} got {told:?}"));
        }
    }

    /// Whether a line that was changed on its way became this number's, which the module says as it
    /// was asked: once more often than anybody asked for it.
    fn is_told_true(&self, number: Option<u64>) -> bool {
        let said = |number| lock(&self.ledger).said.get(&number).copied();
        self.terms.hears_wrong && number.and_then(said).is_some_and(|times| times > 1)
    }

    fn failed(&mut self, ask: &Ask, error: &Error) {
        if error.certainty() == Certainty::Refused {
            self.refused.extend(ask.number());
            if self.terms.hears_wrong {
                self.half_refused.insert(discriminant(ask));
            }
        }
        if !self.terms.is_true() {
            return;
        }
        let decode = matches!(error, Error::Decode(_)) && error.kind() != ErrorKind::Result;
        if decode || matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Io) {
            self.fail(format!("{ask:?} failed: {error}"));
        }
        if error.kind() == ErrorKind::Refused {
            let code = error.code().and_then(|code| u16::try_from(code).ok());
            match (ask, code) {
                (Ask::Fail(own), Some(code)) if *own == u64::from(code) || code == REFUSED => {}
                (Ask::Fail(_), _) | (_, Some(10_000..)) => {
                    self.fail(format!("{ask:?} got another's {code:?}"));
                }
                _ => {}
            }
        }
        if error.certainty() == Certainty::Refused {
            let ledger = lock(&self.ledger);
            let done = match ask {
                // Of two answers to the same report the first may be credited to the second:
                // a report that is sent again may be held though one of the two was refused.
                Ask::Report(number) => {
                    !self.repeated.contains(number) && ledger.held.contains(&number.to_string())
                }
                Ask::Echo(number) | Ask::Text(number) | Ask::Later(number) => {
                    ledger.said.contains_key(number)
                }
                _ => false,
            };
            drop(ledger);
            if done {
                self.fail(format!("{ask:?} was done, and failed as refused: {error}"));
            }
        }
    }

    /// The module says each number once, and nobody hears it twice.
    fn see(&mut self, number: Option<u64>) {
        if let Some(number) = number.filter(|number| self.asked.contains_key(number)) {
            if !self.seen.insert(number) && self.terms.is_true() {
                self.fail(format!("{number} was told twice"));
            }
        }
    }

    pub fn event(&mut self, event: &Event) {
        let text = match event {
            Event::Late(line) | Event::Stray(line) | Event::Urc(line) => line.to_text(),
            _ => String::new(),
        };
        self.log.push(format!("  event {} {text}", name(event)));
        if let Some(number) = text.strip_prefix("+NEWS: ").and_then(|text| text.parse::<u64>().ok())
        {
            if number <= self.news && self.terms.is_true() {
                self.fail(format!("news {number} after {}", self.news));
            }
            self.news = number;
            self.news_seen += 1;
        }
        let number = text.strip_prefix("+ECHO: ").or(text.strip_prefix("+LATER: "));
        self.see(number.or(text.strip_prefix('T')).and_then(|text| text.parse().ok()));
        let impossible = matches!(event, Event::Missed(_) | Event::InputErrors(_))
            || matches!(event, Event::Malformed(_) if self.terms.is_true())
            || matches!(event, Event::Reset | Event::Silent if self.terms.class == Class::Whole)
                && self.terms.timeout.is_none()
                && !self.terms.slow;
        if impossible {
            self.fail(format!("event {}", name(event)));
        }
    }

    /// At the end, when faults have stopped.
    pub fn close(&mut self) {
        let heard = std::mem::take(&mut lock(&self.ledger).heard);
        for line in std::mem::take(&mut self.not_sent) {
            if heard.contains(&line) {
                let line = String::from_utf8_lossy(&line).into_owned();
                self.fail(format!("{line} was not sent, it was said, and the module heard it"));
            }
        }
        for (number, text) in std::mem::take(&mut self.crossed) {
            // A final result that was none of its own had declared it over.
            if !self.refused.contains(&number) {
                self.fail(text);
            }
        }
        if let Some(all) = self.terms.news.filter(|all| *all != self.news_seen) {
            self.fail(format!("{} news of {all}", self.news_seen));
        }
    }
}

fn name(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split(['(', ' ']).next().unwrap_or_default().to_owned()
}

fn shown(end: &End) -> String {
    match end {
        End::Answered(Ok(Told::Text(text))) if text.len() > 80 => "a long text".into(),
        End::Answered(Err(error)) => format!("{error} [{}]", error.certainty()),
        _ => format!("{end:?}"),
    }
}
