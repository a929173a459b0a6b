//! The packet network and the data context: Quectel's verbs, and those of TS 27.007, 10.1. Nothing
//! can be sent over it but what the Alipay SDK sends.

use std::time::Instant;

use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};
use super::{Event, Modem};

impl Modem {
    pub(super) fn packet(&mut self, at: Instant, call: &Call<'_>) -> Option<Outcome> {
        let attached = self.network.packet().is_registered();
        let on = |flag: bool| u8::from(flag);
        Some(match (call.name.as_str(), &call.form) {
            ("+CGATT", Form::Read) => Reply::text(format!("+CGATT: {}", on(attached))),
            ("+CGATT", Form::Test) => Reply::text("+CGATT: (0,1)"),
            ("+CGATT", Form::Set(_)) => match call.number() {
                Some(0) => self.attach(at, false),
                Some(1) if self.network.registration.is_registered() => self.attach(at, true),
                Some(1) => Err(Failure::NO_NETWORK),
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+CGDCONT", form) => self.define(form),
            ("+CGACT", form) => self.activate(form),
            ("+CGPADDR", Form::Set(_)) => match call.number() {
                Some(number) if self.network.context => {
                    Reply::text(format!("+CGPADDR: {number},\"{ADDRESS}\""))
                }
                Some(number) => Reply::text(format!("+CGPADDR: {number}")),
                None => Err(Failure::INVALID_PARAMETER),
            },
            ("+QIFGCNT", Form::Read) => Reply::text("+QIFGCNT: 0,0"),
            ("+QIFGCNT", Form::Set(_)) => match call.number() {
                Some(0 | 1) => Reply::ok(),
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+QICSGP", Form::Read) => Reply::text("+QICSGP: 1"),
            ("+QICSGP", Form::Set(values)) => match values.as_slice() {
                ["1", _apn, ..] if values.len() <= 4 => Reply::ok(),
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+QIACT", Form::Execute) if attached => {
                self.network.context = true;
                Reply::ok()
            }
            ("+QIACT", Form::Execute) => Err(Failure::NO_NETWORK),
            ("+QIDEACT", Form::Execute) => {
                self.network.context = false;
                // It has no OK of its own (M26 AT manual V1.1).
                Reply::instead_of_ok("DEACT OK", self.settings.latencies.command, None)
            }
            // Behind the OK (M35 AT manual V3.2, 11.9; the M35 is of the same family).
            ("+QISTAT", Form::Execute) => {
                let state = if self.network.context { "IP GPRSACT" } else { "IP INITIAL" };
                let line = Event::Urc(format!("STATE: {state}"));
                Reply::then(self.settings.latencies.command, line)
            }
            // Not specified beyond the verb; chosen as drivers read it: the address in place of OK.
            ("+QILOCIP", Form::Execute) if self.network.context => {
                Reply::instead_of_ok(ADDRESS, self.settings.latencies.command, None)
            }
            ("+QILOCIP", Form::Execute) => Err(Failure::Plain),
            ("+CGPADDR" | "+QIFGCNT" | "+QICSGP" | "+QIACT", Form::Test)
            | ("+QIDEACT" | "+QISTAT" | "+QILOCIP", Form::Test) => Reply::ok(),
            ("+CGATT" | "+CGPADDR" | "+QIFGCNT" | "+QICSGP" | "+QIACT", _)
            | ("+QIDEACT" | "+QISTAT" | "+QILOCIP", _) => Err(Failure::NOT_SUPPORTED),
            _ => return None,
        })
    }

    fn attach(&mut self, at: Instant, attached: bool) -> Outcome {
        if self.network.detached == attached {
            self.network.detached = !attached;
            self.packet_changed(at);
        }
        Reply::ok()
    }

    /// AT+CGDCONT (TS 27.007, 10.1.1).
    fn define(&mut self, form: &Form<'_>) -> Outcome {
        let contexts = &mut self.network.contexts;
        match form {
            Form::Read => {
                let text = contexts.iter().map(|(number, (kind, name))| {
                    format!("+CGDCONT: {number},\"{kind}\",\"{name}\",\"\",0,0")
                });
                Ok(Reply { text: text.collect(), ..Reply::default() })
            }
            Form::Test => Reply::text("+CGDCONT: (1-10),\"IP\",,,(0),(0)"),
            Form::Set(values) => {
                let (number, values) = values.split_first().ok_or(Failure::INVALID_PARAMETER)?;
                let number = number.parse().ok().filter(|number| (1..=10).contains(number));
                let number = number.ok_or(Failure::INVALID_PARAMETER)?;
                match values {
                    [] => drop(contexts.remove(&number)),
                    ["IP", name, ..] => {
                        contexts.insert(number, ("IP".into(), (*name).into()));
                    }
                    ["IP"] => {
                        contexts.insert(number, ("IP".into(), String::new()));
                    }
                    _ => return Err(Failure::INVALID_PARAMETER),
                }
                Reply::ok()
            }
            Form::Execute => Err(Failure::NOT_SUPPORTED),
        }
    }

    /// AT+CGACT (TS 27.007, 10.1.10). There is one context, whatever its number.
    fn activate(&mut self, form: &Form<'_>) -> Outcome {
        let active = u8::from(self.network.context);
        match form {
            Form::Read => {
                let numbers = self.network.contexts.keys();
                let text = numbers.map(|number| format!("+CGACT: {number},{active}"));
                Ok(Reply { text: text.collect(), ..Reply::default() })
            }
            Form::Test => Reply::text("+CGACT: (0,1)"),
            Form::Set(values) => match values.first() {
                Some(&"0") => {
                    self.network.context = false;
                    Reply::ok()
                }
                Some(&"1") if self.network.contexts.is_empty() => Err(Failure::NOT_ALLOWED),
                Some(&"1") if self.network.packet().is_registered() => {
                    self.network.context = true;
                    Reply::ok()
                }
                Some(&"1") => Err(Failure::NO_NETWORK),
                _ => Err(Failure::INVALID_PARAMETER),
            },
            Form::Execute => Err(Failure::NOT_SUPPORTED),
        }
    }
}

/// Made up, in a network of nobody (RFC 1918).
const ADDRESS: &str = "10.0.0.2";
