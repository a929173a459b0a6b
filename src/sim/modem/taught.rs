//! Verbs that a program or a script teaches the module.

use std::fmt;
use std::time::Duration;

use super::call::{Call, Form, next_call};
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
pub(super) struct Verbs {
    taught: Vec<(String, Answer)>,
    /// What a script has ordered, the latest last.
    fixed: Vec<FixedAnswer>,
}

/// An answer that is always the same.
struct FixedAnswer {
    name: String,
    form: FormAnswered,
    text: String,
}

/// The form of a command that a script's answer is for.
#[derive(PartialEq)]
enum FormAnswered {
    Read,
    Test,
    /// With these arguments, or with any and without if there are none.
    Set(Vec<String>),
}

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
        self.verbs.taught.push((verb.to_ascii_uppercase(), Box::new(answer)));
    }

    /// From now on this command is answered with this text. What is no command is passed over.
    pub(super) fn fix_answer(&mut self, command: &str, text: &str) {
        let Some((name, form)) = FormAnswered::of(command) else { return };
        let fixed = &mut self.verbs.fixed;
        fixed.retain(|known| (&known.name, &known.form) != (&name, &form));
        fixed.push(FixedAnswer { name, form, text: text.to_owned() });
    }

    /// What a script has ordered goes before what the module knows.
    pub(super) fn fixed(&self, call: &Call<'_>) -> Option<Outcome> {
        let fixed = &self.verbs.fixed;
        let fits = |known: &&FixedAnswer| known.name == call.name && known.form.fits(&call.form);
        // The arguments themselves go before any.
        let of_any = |known: &&FixedAnswer| known.form == FormAnswered::Set(Vec::new());
        let exact = fixed.iter().find(|known| fits(known) && !of_any(known));
        let found = exact.or_else(|| fixed.iter().find(fits))?;
        Some(match found.text.trim() {
            "" | "OK" => Reply::ok(),
            "ERROR" => Err(Failure::Plain),
            text => match final_error(text) {
                Some(failure) => Err(failure),
                None => Reply::text(text.lines().collect::<Vec<_>>().join("\r\n")),
            },
        })
    }

    pub(super) fn taught(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let (_, answer) = self.verbs.taught.iter_mut().find(|(verb, _)| *verb == call.name)?;
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
        let taught = self.taught.iter().map(|(verb, _)| verb);
        f.debug_list().entries(taught.chain(self.fixed.iter().map(|known| &known.name))).finish()
    }
}

impl FormAnswered {
    /// The name and the form in a command such as `AT+X?`, if it is one command.
    fn of(command: &str) -> Option<(String, Self)> {
        let body = command.get(2..).filter(|_| command.to_ascii_uppercase().starts_with("AT"))?;
        let (call, rest) = next_call(body).ok()?;
        let form = match call.form {
            Form::Execute => Self::Set(Vec::new()),
            Form::Read => Self::Read,
            Form::Test => Self::Test,
            Form::Set(values) => Self::Set(values.into_iter().map(str::to_owned).collect()),
        };
        rest.is_empty().then_some((call.name, form))
    }

    fn fits(&self, form: &Form<'_>) -> bool {
        match (self, form) {
            (Self::Read, Form::Read) | (Self::Test, Form::Test) => true,
            (Self::Set(known), Form::Execute) => known.is_empty(),
            (Self::Set(known), Form::Set(values)) => known.is_empty() || known == values,
            _ => false,
        }
    }
}

/// Whether a script can answer this command: it is one command, as `AT+X?` is.
pub(crate) fn is_command(command: &str) -> bool {
    FormAnswered::of(command).is_some()
}

/// An error that ends a command, with its number.
fn final_error(text: &str) -> Option<Failure> {
    let number = |text: &str| text.trim().parse().ok();
    match text.split_once(" ERROR:")? {
        ("+CME", code) => number(code).map(Failure::Cme),
        ("+CMS", code) => number(code).map(Failure::Cms),
        _ => None,
    }
}
