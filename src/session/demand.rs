//! [`Demand`]: what a command line asks of the module, as far as a session has to know.

use crate::at::command::{Request, Spoken};
use crate::at::verb::Effect;

/// What a command line asks of the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) verbs: Vec<Verb>,
}

/// One command of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// An ALIPAY command that changes nothing: a test or a read form.
    Ask,
    Usage,
    DeviceId,
    /// One of the module's own commands.
    Module,
    Open,
    /// An ALIPAY command that this crate does not know.
    Other,
    /// The module is switched off or restarted.
    Power,
    ProductInfo,
    Report,
    SetConfig,
    Shut,
    Sign,
}

impl Demand {
    pub(crate) fn of(request: &Request) -> Self {
        let mut verbs: Vec<Verb> = request.commands().iter().map(verb).collect();
        if verbs.is_empty() {
            // AT alone.
            verbs.push(Verb::Module);
        }
        Self { verbs }
    }

    /// Whether an ALIPAY command is among them.
    pub(crate) fn is_alipay(&self) -> bool {
        self.verbs.iter().any(|verb| !matches!(verb, Verb::Module | Verb::Power))
    }

    /// The results that belong to one command line and to no other, by prefix.
    pub(crate) fn results(&self) -> impl Iterator<Item = &'static str> {
        self.verbs.iter().filter_map(|verb| match verb {
            Verb::Usage => Some("+ALIPAYACT"),
            Verb::Report => Some("+ALIPAYREP"),
            Verb::Sign => Some("+ALIPAYSIGN"),
            _ => None,
        })
    }

    /// Of these, the ones that block other commands of their kind while they are outstanding, until
    /// the session takes them for lost. The engine itself takes those of AT+ALIPAYACT for lost after
    /// some time, and while a signature is outstanding the session is not ready.
    pub(crate) fn blocking_results(&self) -> impl Iterator<Item = &'static str> {
        self.results().filter(|result| *result == "+ALIPAYREP")
    }

    /// Whether a payment is signed.
    pub(crate) fn signs(&self) -> bool {
        self.verbs.contains(&Verb::Sign)
    }

    /// Whether the module may hold a report after it.
    pub(crate) fn reports(&self) -> bool {
        self.verbs.iter().any(|verb| matches!(verb, Verb::Usage | Verb::Report | Verb::Other))
    }
}

fn verb(command: &Spoken<'_>) -> Verb {
    let of_sdk = command.group().is_some();
    match command.effect() {
        Effect::ClosesSdk => Verb::Shut,
        Effect::ConfiguresSdk => Verb::SetConfig,
        Effect::Counts => Verb::Usage,
        Effect::OpensSdk => Verb::Open,
        Effect::Reports => Verb::Report,
        Effect::Restarts => Verb::Power,
        Effect::Signs => Verb::Sign,
        Effect::Unknown => Verb::Other,
        Effect::UsesSdk if command.is("+ALIPAYDID") => Verb::DeviceId,
        Effect::UsesSdk => Verb::ProductInfo,
        Effect::Answers | Effect::SwitchesEcho if of_sdk => Verb::Ask,
        Effect::Answers | Effect::SwitchesEcho => Verb::Module,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::command::CommandLine;
    use crate::at::profile::Profile;

    fn verbs(line: &str) -> Vec<Verb> {
        let line = CommandLine::raw(line, &Profile::quectel()).unwrap();
        Demand::of(&Request::new(line)).verbs
    }

    #[test]
    fn every_command_of_a_line_counts() {
        assert_eq!(verbs("AT+ALIPAYSIGN=4,\"1;AT+ALIPAYSHUT\",\"1\""), [Verb::Sign]);
        assert_eq!(verbs("AT+CSQ;+alipayshut"), [Verb::Module, Verb::Shut]);
        assert_eq!(verbs("ATE0+ALIPAYOPEN"), [Verb::Module, Verb::Open]);
        assert_eq!(verbs("AT+ALIPAYREP?"), [Verb::Ask]);
        assert_eq!(verbs("AT+ALIPAYREP=?"), [Verb::Ask]);
        assert_eq!(verbs("AT+ALIPAYREP=,,1,,6,1"), [Verb::Report]);
        assert_eq!(verbs("AT+ALIPAYUTC"), [Verb::Other]);
        assert_eq!(verbs("AT+CFUN?;+CFUN=1,1"), [Verb::Module, Verb::Power]);
        assert_eq!(verbs("AT"), [Verb::Module]);
        assert_eq!(verbs("at + alipay shut"), [Verb::Shut]);
        assert_eq!(verbs("AT + QPOWD = 1"), [Verb::Power]);
    }
}
