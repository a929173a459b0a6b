//! Parameters that the module keeps, and that change nothing here.
//!
//! A simulated line has no rate and no modem lines, a simulated module does not sleep and takes no
//! calls. But general clients set all of this up before they begin.

use std::ops::RangeInclusive;

use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};

/// The values of all parameters in [`TABLE`].
#[derive(Clone, Debug)]
pub(super) struct Kept([[u16; MOST]; TABLE.len()]);

/// A parameter of one or more values.
struct Parameter {
    name: &'static str,
    values: &'static [Value],
}

/// The range of a value, and what the factory has set.
struct Value(RangeInclusive<u16>, u16);

/// The M26's parameters with their ranges and its factory's values, where no other document is
/// named.
const TABLE: [Parameter; 25] = [
    // V.250, 6.2.6 to 6.2.9: results with more words; the lines DCD and DTR.
    parameter("X", &[Value(0..=4, 4)]),
    parameter("&C", &[Value(0..=1, 1)]),
    parameter("&D", &[Value(0..=2, 0)]),
    // V.250, 6.3.13 and 6.3.14: the loudspeaker.
    parameter("L", &[Value(0..=3, 0)]),
    parameter("M", &[Value(0..=3, 0)]),
    // V.250, 6.3.8 to 6.3.12 and 6.2.1 to 6.2.3. The characters that end a line are fixed here.
    parameter("S0", &[Value(0..=255, 0)]),
    parameter("S3", &[Value(13..=13, 13)]),
    parameter("S4", &[Value(10..=10, 10)]),
    parameter("S5", &[Value(8..=8, 8)]),
    parameter("S6", &[Value(0..=255, 2)]),
    parameter("S7", &[Value(1..=255, 60)]),
    parameter("S8", &[Value(0..=255, 2)]),
    parameter("S10", &[Value(1..=254, 15)]),
    // V.250, 6.2.11 and 6.2.12: the form of a character, flow control.
    parameter("+ICF", &[Value(1..=6, 3), Value(0..=3, 3)]),
    parameter("+IFC", &[Value(0..=2, 0), Value(0..=2, 0)]),
    // Sleep, and the reports after a start.
    parameter("+QSCLK", &[Value(0..=2, 0)]),
    parameter("+QIURC", &[Value(0..=1, 1)]),
    // TS 27.007, 6.9, 6.11, 7.6 and 7.8: calls.
    parameter("+CR", &[Value(0..=1, 0)]),
    parameter("+CRC", &[Value(0..=1, 0)]),
    parameter("+CLIP", &[Value(0..=1, 0)]),
    parameter("+COLP", &[Value(0..=1, 0)]),
    // TS 27.005, 3.2.3, 3.3.3 and 3.4.1; TS 27.007, 10.1.21: short messages.
    parameter("+CMGF", &[Value(0..=1, 0)]),
    parameter("+CSDH", &[Value(0..=1, 0)]),
    parameter(
        "+CNMI",
        &[Value(0..=3, 2), Value(0..=3, 1), Value(0..=3, 0), Value(0..=2, 0), Value(0..=1, 0)],
    ),
    parameter("+CGSMS", &[Value(0..=3, 1)]),
];

const fn parameter(name: &'static str, values: &'static [Value]) -> Parameter {
    Parameter { name, values }
}

/// How many values a parameter has at most.
const MOST: usize = 5;

impl Kept {
    /// What the factory has set.
    pub(super) fn new() -> Self {
        let mut kept = Self([[0; MOST]; TABLE.len()]);
        for (own, parameter) in kept.0.iter_mut().zip(&TABLE) {
            for (place, Value(_, factory)) in own.iter_mut().zip(parameter.values) {
                *place = *factory;
            }
        }
        kept
    }

    /// Reads or sets one of them.
    pub(super) fn call(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let index = TABLE.iter().position(|parameter| parameter.name == call.name)?;
        Some(TABLE[index].call(&call.form, &mut self.0[index]))
    }

    /// The first value of a parameter.
    pub(super) fn first(&self, name: &str) -> u16 {
        let index = TABLE.iter().position(|parameter| parameter.name == name);
        index.map_or(0, |index| self.0[index][0])
    }

    /// All of them as AT&V lists them.
    pub(super) fn list(&self) -> impl Iterator<Item = String> + '_ {
        let lines = TABLE.iter().zip(&self.0);
        lines.map(|(parameter, own)| format!("{}: {}", parameter.name, parameter.shown(own)))
    }
}

impl Parameter {
    fn call(&self, form: &Form<'_>, own: &mut [u16; MOST]) -> Outcome {
        match form {
            // V.250, 5.3.2: a register is read as three digits.
            Form::Read if self.name.starts_with('S') => Reply::text(format!("{:03}", own[0])),
            Form::Read => Reply::text(format!("{}: {}", self.name, self.shown(own))),
            Form::Test => {
                let ranges = self.values.iter().map(|Value(range, _)| match range {
                    one if one.start() == one.end() => format!("({})", one.start()),
                    range => format!("({}-{})", range.start(), range.end()),
                });
                Reply::text(format!("{}: {}", self.name, ranges.collect::<Vec<_>>().join(",")))
            }
            // Without a number a basic command means 0 (V.250, 5.3.1).
            Form::Execute if self.name.starts_with('+') => Err(Failure::NOT_SUPPORTED),
            Form::Execute => self.set(&["0"], own),
            Form::Set(values) => self.set(values, own),
        }
    }

    /// A value that is left out stays as it is (V.250, 5.4.3.2).
    fn set(&self, values: &[&str], own: &mut [u16; MOST]) -> Outcome {
        if values.len() > self.values.len() {
            return Err(Failure::INVALID_PARAMETER);
        }
        let mut new = *own;
        for ((place, Value(range, _)), value) in new.iter_mut().zip(self.values).zip(values) {
            if !value.is_empty() {
                let value = value.parse().ok().filter(|value| range.contains(value));
                *place = value.ok_or(Failure::INVALID_PARAMETER)?;
            }
        }
        *own = new;
        Reply::ok()
    }

    fn shown(&self, own: &[u16; MOST]) -> String {
        let values = own.iter().take(self.values.len()).map(u16::to_string);
        let mut shown = values.collect::<Vec<_>>().join(",");
        if self.name == "+CLIP" || self.name == "+COLP" {
            // <m>, 1: the network provides it (TS 27.007, 7.6 and 7.8).
            shown += ",1";
        }
        shown
    }
}
