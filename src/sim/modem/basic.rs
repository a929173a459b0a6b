//! The parameters of the line itself: echo, results, errors, rate (V.250, 6.2; TS 27.007, 9.1).

use bytes::Bytes;

use super::call::{Call, Form};
use super::kept::Kept;
use super::reply::{Failure, Outcome, Reply};
use super::{Modem, ModemSettings};

/// What AT&W saves, ATZ brings back and AT&F sets to the factory's.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    pub(super) echo: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    pub(super) cmee: u8,
    pub(super) creg: u8,
    pub(super) cgreg: u8,
    /// The rate, or 0 for autobauding.
    pub(super) ipr: u32,
    pub(super) kept: Kept,
    /// The message service of AT+CSMS (TS 27.005, 3.2.1).
    pub(super) csms: u8,
}

impl Parameters {
    pub(super) fn new(settings: &ModemSettings) -> Self {
        Self {
            echo: settings.echo,
            quiet: false,
            verbose: true,
            cmee: settings.cmee,
            creg: 0,
            cgreg: 0,
            ipr: if settings.autobaud { 0 } else { 115_200 },
            kept: Kept::new(),
            csms: 0,
        }
    }

    /// What AT&V shows (V.250 has no form for it; chosen after the manual's list).
    fn profile(&self) -> String {
        let own = [
            ("E", u32::from(self.echo)),
            ("Q", self.quiet.into()),
            ("V", self.verbose.into()),
            ("+CMEE", self.cmee.into()),
            ("+CREG", self.creg.into()),
            ("+CGREG", self.cgreg.into()),
            ("+IPR", self.ipr),
        ];
        let own = own.into_iter().map(|(name, value)| format!("{name}: {value}"));
        let lines = ["ACTIVE PROFILE".to_owned()].into_iter().chain(own).chain(self.kept.list());
        lines.collect::<Vec<_>>().join("\r\n")
    }

    /// Frames an information text.
    pub(super) fn text(&self, text: &str) -> Bytes {
        let before = if self.verbose { "\r\n" } else { "" };
        format!("{before}{text}\r\n").into()
    }

    /// Frames a final result; there is none with ATQ1.
    pub(super) fn result(&self, result: &str) -> Option<Bytes> {
        if self.quiet {
            return None;
        }
        Some(match result {
            "OK" if !self.verbose => Bytes::from_static(b"0\r"),
            "NO CARRIER" if !self.verbose => Bytes::from_static(b"3\r"),
            "ERROR" if !self.verbose => Bytes::from_static(b"4\r"),
            _ => format!("\r\n{result}\r\n").into(),
        })
    }
}

impl Modem {
    pub(super) fn basic(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let parameters = &mut self.parameters;
        Some(match call.name.as_str() {
            "E" => call.switch(&mut parameters.echo),
            "Q" => call.switch(&mut parameters.quiet),
            "V" => call.switch(&mut parameters.verbose),
            "Z" => call.only_zero(|| *parameters = self.saved.clone()),
            "&F" => call.only_zero(|| *parameters = Parameters::new(&self.settings)),
            "&W" => call.only_zero(|| self.saved = parameters.clone()),
            "+CMEE" => call.level(&mut parameters.cmee),
            "+IPR" => call.rate(&mut parameters.ipr),
            "&V" => call.only_zero(|| {}).and_then(|_| Reply::text(parameters.profile())),
            // V.250, 6.1.9: the GSM commands (TS 27.007, 5).
            "+GCAP" => match call.form {
                Form::Execute => Reply::text("+GCAP: +CGSM"),
                Form::Test => Reply::ok(),
                _ => Err(Failure::NOT_SUPPORTED),
            },
            "+CSCS" => match &call.form {
                Form::Read => Reply::text("+CSCS: \"GSM\""),
                Form::Test => Reply::text("+CSCS: (\"GSM\")"),
                Form::Set(values) if values.as_slice() == ["GSM"] => Reply::ok(),
                _ => Err(Failure::NOT_SUPPORTED),
            },
            _ => return parameters.kept.call(call),
        })
    }
}

impl Call<'_> {
    /// The only argument, as a number; a basic command without one means 0.
    pub(super) fn number(&self) -> Option<u32> {
        match &self.form {
            Form::Execute => Some(0),
            Form::Set(values) => match values.as_slice() {
                [value] => value.parse().ok(),
                _ => None,
            },
            _ => None,
        }
    }

    fn switch(&self, value: &mut bool) -> Outcome {
        *value = match self.number() {
            Some(0) => false,
            Some(1) => true,
            _ => return Err(Failure::INVALID_PARAMETER),
        };
        Reply::ok()
    }

    fn only_zero(&self, act: impl FnOnce()) -> Outcome {
        if self.number() != Some(0) {
            return Err(Failure::INVALID_PARAMETER);
        }
        act();
        Reply::ok()
    }

    /// A parameter from 0 to 2 with its read and test forms.
    fn level(&self, value: &mut u8) -> Outcome {
        let name = &self.name;
        match (&self.form, self.number()) {
            (Form::Read, _) => Reply::text(format!("{name}: {value}")),
            (Form::Test, _) => Reply::text(format!("{name}: (0-2)")),
            (Form::Set(_), Some(level @ 0..=2)) => {
                *value = level as u8;
                Reply::ok()
            }
            _ => Err(Failure::INVALID_PARAMETER),
        }
    }

    /// AT+IPR. The simulated line has no rate, so any allowed one is taken.
    fn rate(&self, value: &mut u32) -> Outcome {
        match (&self.form, self.number()) {
            (Form::Read, _) => Reply::text(format!("+IPR: {value}")),
            (Form::Test, _) => {
                let rates = RATES.map(|rate| rate.to_string()).join(",");
                Reply::text(format!("+IPR: (),(0,{rates})"))
            }
            (Form::Set(_), Some(rate)) if rate == 0 || RATES.contains(&rate) => {
                *value = rate;
                Reply::ok()
            }
            _ => Err(Failure::INVALID_PARAMETER),
        }
    }

    /// What CREG and CGREG share: the level of their URCs, and the read form.
    pub(super) fn registration(&self, value: &mut u8, status: impl Fn(u8) -> String) -> Outcome {
        match self.form {
            Form::Read => Reply::text(format!("{}: {value},{}", self.name, status(*value))),
            _ => self.level(value),
        }
    }
}

/// The fixed rates of the M26 up to its fastest (M26 AT manual V1.1, 3.6).
const RATES: [u32; 9] = [2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600, 115_200];
