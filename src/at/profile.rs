//! Profiles: what differs between firmwares.

use std::borrow::Cow;

use crate::at::line::Counted;
use crate::at::syntax::View;
use crate::at::unsolicited::UrcName;
use crate::at::verb::{self, Verb, Verbs};

/// What one firmware does differently from others: how arguments are written, in which order results
/// come, which verb sets the clock from the network.
///
/// [`Profile::quectel`] is the spec; [`Profile::luat`] is what openLuat's `aLiPay.lua` expects of
/// the same eight verbs on an Air202. A third one is derived from either:
///
/// ```
/// use m26_pay::at::profile::{Profile, Quoting};
///
/// let mine = Profile { name: "mine".into(), quoting: Quoting::Bare, ..Profile::quectel() };
/// assert_eq!(mine.line_limit, 256);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What to call it in a message.
    pub name: Cow<'static, str>,
    /// How string arguments are written.
    pub quoting: Quoting,
    /// The ALIPAY commands that are done with their `OK`, by prefix. A result line before it still
    /// decides; one after it is a stray.
    pub ok_alone: &'static [&'static str],
    /// Whether AT+ALIPAYDID and AT+ALIPAYSIGN give their result before the final `OK`, so that
    /// the `OK` may take as long as the result.
    pub result_before_ok: bool,
    /// The verb that sets the clock from the network.
    pub ntp: NtpVerb,
    /// The longest command line in bytes, `AT` and CR included: longer ones run nothing and
    /// answer ERROR (M66AT 1.2.1, 256 characters; whether they count `AT` and CR is not known).
    pub line_limit: usize,
    /// Whether ALIPAY commands with different prefixes may wait for their results at the same
    /// time. Not specified; by default one runs at a time.
    pub overlap: bool,
    /// The lines that announce the length of their data.
    pub counted: &'static [Counted],
    /// What is known of verbs. A table may be added; the first entry of a name counts.
    pub verbs: Verbs,
    /// The lines that the module sends by itself.
    pub urcs: &'static [UrcName],
    /// Harmless read commands whose answer has a prefix that nothing else has, by that prefix.
    /// They close what is past after a command went wrong. At least one is needed.
    pub fences: &'static [&'static str],
}

/// How string arguments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quoting {
    /// In quotes, as in the spec.
    Quoted,
    /// Bare. What holds `,` or `;`, or begins or ends with a blank, cannot be sent.
    Bare,
}

/// The verb that sets the clock from a time server. It is plain data of the profile: this module
/// sends neither verb, and [`flows::SyncClock`](crate::flows::SyncClock) chooses the command by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NtpVerb {
    /// `AT+QNTTP`, as printed in the spec's chapter 4; `AT+QNTP` if the module answers with an
    /// error.
    SpecThenDocumented,
    /// `AT+QNTTP` and no other.
    Spec,
    /// `AT+QNTP`, the verb of Quectel's public manuals, and no other.
    Documented,
}

impl Profile {
    /// Whether the command with this prefix is done with its `OK`.
    #[must_use]
    pub fn is_ok_alone(&self, prefix: &str) -> bool {
        self.ok_alone.contains(&prefix)
    }

    /// What is known of a verb, by its name in capitals.
    #[must_use]
    pub fn verb(&self, name: &[u8]) -> Option<&'static Verb> {
        verb::find(self.verbs, name)
    }

    /// Which of the lines that the module sends by itself this one is.
    ///
    /// Who waits for such a line as a result or an answer must have looked at it before.
    pub(crate) fn urc(&self, view: &View<'_>) -> Option<&'static UrcName> {
        self.urcs.iter().find(|urc| urc.matches(view))
    }
}
