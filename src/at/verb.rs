//! Verbs: what is known of a command by its name.

use crate::at::command::{Release, WhileClosed};
use crate::at::field::Shape;
use crate::at::result::FinalResult;

/// What is known of a command by its name.
///
/// The tables stand in [`Profile::verbs`](crate::at::profile::Profile::verbs). The engine learns from
/// them what a line typed by hand may cause, a session what may pass, a transcript what is no
/// secret. A verb of which nothing is known needs no entry.
///
/// ```
/// use m26_pay::at::profile::Profile;
/// use m26_pay::at::verb::Effect;
///
/// let verb = Profile::quectel().verb(b"+ALIPAYSHUT").ok_or("not in the table")?;
/// assert_eq!(verb.effect, Effect::ClosesSdk);
/// assert_eq!(verb.last_line, Some("+ALIPAYSHUT OK"));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verb {
    /// The name in capitals, with the sign before it: `+ALIPAYSIGN`, `&F`, `E`.
    pub name: &'static str,
    /// Whether it stands for all names that begin so and are in no table.
    pub family: bool,
    /// Commands of one group run one at a time, unless the profile lets them overlap.
    pub group: Option<&'static str>,
    /// What it does, in the forms that do something.
    pub effect: Effect,
    /// The result line that comes after the `OK` of these forms. It has the verb's name as its
    /// prefix.
    pub result: Option<ResultLine>,
    /// The line that may end it in the place of an `OK`.
    pub last_line: Option<&'static str>,
    /// Further final results that end it.
    pub finals: &'static [FinalResult<'static>],
    /// The arguments that are no secrets.
    pub plain_arguments: &'static [PlainArgument],
    /// How much of the lines with the verb's name is no secret.
    pub plain_answer: PlainAnswer,
}

impl Verb {
    /// A verb that only answers, and of which nothing but the name may be shown.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            family: false,
            group: None,
            effect: Effect::Answers,
            result: None,
            last_line: None,
            finals: &[],
            plain_arguments: &[],
            plain_answer: PlainAnswer::Nothing,
        }
    }
}

/// What a command does to the module, as far as somebody else has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// It answers, or sets what nobody here depends on.
    Answers,
    /// It closes the SDK, which opens again only after a restart of the module.
    ClosesSdk,
    /// It sets the configuration of the SDK.
    ConfiguresSdk,
    /// It adds to a counter in the SDK.
    Counts,
    /// It opens the SDK.
    OpensSdk,
    /// It gives the SDK the record of a trade.
    Reports,
    /// It switches the module off or on, or restarts it.
    Restarts,
    /// It signs, for a payment.
    Signs,
    /// It may switch the echo of command lines on or off.
    SwitchesEcho,
    /// What it does to the SDK is not known.
    Unknown,
    /// It asks or tells the SDK something, and needs it open.
    UsesSdk,
}

/// The result line of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultLine {
    /// How the line looks, if other lines have that prefix as well.
    pub shape: Shape,
    /// What lets the next command with this prefix begin after the line was missed.
    pub release: Release,
    /// What stands in its data before the time at which it was made, by the module's clock, in Unix
    /// seconds.
    pub made_at: Option<&'static str>,
    /// Its parameters, if it says that nothing is due that was asked for before.
    pub begins: Option<&'static str>,
    /// How it looks if the command was sent before that.
    pub while_closed: WhileClosed,
}

impl ResultLine {
    /// A result that says nothing beside itself.
    pub(crate) const fn new(shape: Shape, release: Release) -> Self {
        Self { shape, release, made_at: None, begins: None, while_closed: WhileClosed::Same }
    }
}

/// An argument that is no secret, by its place, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlainArgument {
    /// A number of at most eight digits.
    Number(usize),
    /// Any text.
    Text(usize),
    /// A time in seconds, of ten digits.
    Time(usize),
}

/// How much of an answer is no secret, and how long that is at most, in bytes behind the colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlainAnswer {
    /// The numbers and commas before the first text.
    Head(usize),
    /// An identifier that is no secret.
    Identifier(usize),
    /// Nothing.
    Nothing,
    /// Numbers, decimal and hexadecimal, and dates.
    Numbers(usize),
    /// Numbers, and words in capitals.
    Words(usize),
}

/// The entry of a name, in capitals: its own, or that of its family.
pub(crate) fn find(verbs: Verbs, name: &[u8]) -> Option<&'static Verb> {
    let mut all = verbs.iter().copied().flatten();
    let own = all.find(|verb| !verb.family && verb.name.as_bytes() == name);
    own.or_else(|| {
        let mut all = verbs.iter().copied().flatten();
        all.find(|verb| verb.family && name.starts_with(verb.name.as_bytes()))
    })
}

/// Tables of verbs.
pub type Verbs = &'static [&'static [Verb]];
