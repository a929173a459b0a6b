//! The table of the module's own verbs.

use crate::at::command::Release;
use crate::at::field::Shape;
use crate::at::result::FinalResult;
use crate::at::verb::{Effect, PlainAnswer, PlainArgument, ResultLine, Verb};
use crate::m26::{clock, power, registration, signal, sim};

/// The module's own verbs of which more than the name is known.
pub(crate) const VERBS: &[Verb] = &[
    // Commands that switch the echo: V.250 6.1.1, 6.1.2 and 6.2.4.
    switches_echo("&F"),
    switches_echo("E"),
    switches_echo("Z"),
    // Commands that make, take or resume a call: V.250 6.3.1, 6.3.5 and 6.3.7.
    Verb { finals: CALL_ENDS, ..Verb::new("A") },
    Verb { finals: CALL_ENDS, ..Verb::new("D") },
    Verb { finals: CALL_ENDS, ..Verb::new("O") },
    numbers("+CCLK", 24),
    Verb { effect: Effect::Restarts, ..numbers(power::FUNCTIONALITY, 1) },
    Verb { plain_arguments: FIRST, ..numbers(registration::GPRS, 20) },
    Verb { plain_arguments: FIRST, ..numbers("+CMEE", 1) },
    Verb { plain_answer: PlainAnswer::Words(16), ..Verb::new(sim::PREFIX) },
    Verb { plain_arguments: FIRST, ..numbers(registration::GSM, 20) },
    numbers(signal::PREFIX, 6),
    numbers("+IFC", 4),
    Verb { plain_arguments: FIRST, ..numbers("+IPR", 7) },
    Verb { plain_arguments: FIRST, ..Verb::new("+QICSGP") },
    Verb { plain_arguments: FIRST, ..Verb::new("+QIFGCNT") },
    asks_time_server(clock::QNTP),
    asks_time_server(clock::QNTTP),
    Verb {
        effect: Effect::Restarts,
        last_line: Some(power::OFF),
        plain_arguments: FIRST,
        ..Verb::new(power::POWER_OFF)
    },
];

const fn switches_echo(name: &'static str) -> Verb {
    Verb { effect: Effect::SwitchesEcho, ..Verb::new(name) }
}

/// A verb whose answer is numbers.
const fn numbers(name: &'static str, longest: usize) -> Verb {
    Verb { plain_answer: PlainAnswer::Numbers(longest), ..Verb::new(name) }
}

const fn asks_time_server(name: &'static str) -> Verb {
    Verb {
        result: Some(ResultLine::new(Shape::Any, Release::Any)),
        plain_arguments: &[PlainArgument::Text(0), PlainArgument::Text(1)],
        ..numbers(name, 4)
    }
}

const FIRST: &[PlainArgument] = &[PlainArgument::Number(0)];

/// V.250 6.3: the final results of commands that make or take a call.
const CALL_ENDS: &[FinalResult<'static>] = &[
    FinalResult::Busy,
    FinalResult::Connect,
    FinalResult::NoAnswer,
    FinalResult::NoCarrier,
    FinalResult::NoDialtone,
];
