//! Encoded command lines: one that can be sent.

use std::fmt;
use std::ops::Deref;

use super::spoken::{self, Form, Spoken};
use crate::at::octets::Octets;
use crate::at::verb::{self, Verbs};

/// A command line that can be sent: its bytes, with `AT` and CR, and the commands in it.
///
/// [`CommandLine`](super::CommandLine) makes it.
#[derive(Clone)]
pub struct Encoded {
    bytes: Octets,
    /// The name and the form of the one command, where whoever wrote the line gave them.
    head: Option<(&'static str, Form)>,
    verbs: Verbs,
}

impl Encoded {
    #[inline]
    pub(super) fn new(bytes: Octets, head: Option<(&'static str, Form)>, verbs: Verbs) -> Self {
        Self { bytes, head, verbs }
    }

    /// What is sent is gone: its request has ended.
    #[inline]
    pub(super) fn forget(&mut self) {
        (self.bytes, self.head) = (Octets::NONE, None);
    }

    /// The commands of the line, in order.
    #[must_use]
    pub fn commands(&self) -> Vec<Spoken<'_>> {
        match self.head {
            Some((name, form)) if spoken::is_extended_name(name) => vec![self.written(name, form)],
            _ => spoken::read(&self.bytes, self.verbs).collect(),
        }
    }

    /// The one command of a line that was written by name: no argument can make it another.
    fn written(&self, name: &'static str, form: Form) -> Spoken<'_> {
        let name_at = "AT".len()..("AT".len() + name.len());
        let end = self.bytes.len() - "\r".len();
        let args_at = match form {
            Form::Set => name_at.end + "=".len()..end,
            Form::Execute | Form::Read | Form::Test => end..end,
        };
        Spoken {
            name: name.as_bytes().into(),
            form,
            verb: verb::find(self.verbs, name.as_bytes()),
            args: &self.bytes[args_at.clone()],
            name_at,
            args_at,
        }
    }

    /// The bytes, shared.
    pub(crate) fn bytes(&self) -> &Octets {
        &self.bytes
    }

    /// The commands without their arguments, which may be secret: `AT+CREG?;+CSQ`.
    pub(crate) fn summary(&self) -> String {
        let mut summary = "AT".to_owned();
        for (nth, command) in self.commands().into_iter().enumerate() {
            summary += if nth > 0 { ";" } else { "" };
            summary += &String::from_utf8_lossy(command.shown_name());
            summary += match command.form {
                Form::Execute | Form::Set => "",
                Form::Read => "?",
                Form::Test => "=?",
            };
        }
        summary
    }
}

impl Deref for Encoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Encoded {
    /// By the bytes that are sent.
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Encoded {}

impl fmt::Debug for Encoded {
    /// The arguments are not shown: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{} bytes]", self.summary(), self.bytes.len())
    }
}
