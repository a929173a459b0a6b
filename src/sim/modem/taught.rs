//! Verbs that a program teaches the module.

use std::fmt;
use std::time::Duration;

use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};
use super::{Event, Modem};

/// What a verb answers that the module was taught: see [`Modem::teach`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Taught {
    /// The information texts before the OK.
    pub text: Vec<String>,
    /// A line, and how long after the OK it comes.
    pub then: Option<(Duration, String)>,
}

/// The verbs, each with what answers it.
#[derive(Default)]
pub(super) struct Verbs(Vec<(String, Answer)>);

type Answer = Box<dyn FnMut(&[&str]) -> Result<Taught, u16> + Send>;

impl Modem {
    /// Teaches the module another verb, such as `+COPS`: for a program that has commands of its
    /// own, and for tests that must know what the module carried out.
    ///
    /// `answer` is called whenever the module carries out the verb with arguments, or bare; `Err`
    /// is the number of a CME error. The module's own verbs go before it.
    ///
    /// ```
    /// use m26_pay::sim::modem::{Modem, ModemSettings, Taught};
    ///
    /// let mut modem = Modem::new(ModemSettings::default());
    /// modem.teach("+TWICE", |arguments| match arguments {
    ///     [number] => Ok(Taught { text: vec![format!("+TWICE: {number},{number}")], then: None }),
    ///     _ => Err(3518),
    /// });
    /// ```
    pub fn teach(
        &mut self,
        verb: &str,
        answer: impl FnMut(&[&str]) -> Result<Taught, u16> + Send + 'static,
    ) {
        self.verbs.0.push((verb.to_ascii_uppercase(), Box::new(answer)));
    }

    pub(super) fn taught(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let (_, answer) = self.verbs.0.iter_mut().find(|(verb, _)| *verb == call.name)?;
        let arguments = match &call.form {
            Form::Execute => &[][..],
            Form::Set(arguments) => arguments,
            Form::Read | Form::Test => return Some(Err(Failure::NOT_SUPPORTED)),
        };
        Some(answer(arguments).map_err(Failure::Cme).map(|Taught { text, then }| Reply {
            text,
            then: then.into_iter().map(|(after, line)| (after, Event::Urc(line))).collect(),
            ..Reply::default()
        }))
    }
}

impl fmt::Debug for Verbs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(verb, _)| verb)).finish()
    }
}
