//! Why a command failed, what is known of it, and what to do.

use m26_pay::advice::{Advice, Language};
use m26_pay::argument::InvalidArgument;
use m26_pay::engine::Certainty;
use m26_pay::gateway::{Delivery, TransportError};

use crate::language::language;
use crate::object::Object;
use crate::screen::Status;

/// Why a command failed.
pub(crate) struct Problem {
    pub(crate) kind: &'static str,
    pub(crate) certainty: Certainty,
    pub(crate) code: Option<Box<str>>,
    pub(crate) sub_code: Option<String>,
    pub(crate) message: String,
    /// In sentences for people, if the library has it.
    pub(crate) advice: Option<Advice>,
    /// What is known all the same.
    pub(crate) result: Option<Object>,
}

impl Problem {
    pub(crate) fn new(kind: &'static str, certainty: Certainty, message: impl ToString) -> Self {
        Self {
            kind,
            certainty,
            code: None,
            sub_code: None,
            message: message.to_string(),
            advice: None,
            result: None,
        }
    }

    /// The tool is used wrongly. Nothing was sent.
    pub(crate) fn usage(message: impl ToString) -> Self {
        Self::new(USAGE, Certainty::NotSent, message)
    }

    /// A file that is named on the command line cannot be used. Nothing was sent.
    pub(crate) fn io(message: impl ToString) -> Self {
        Self::new("io", Certainty::NotSent, message)
    }

    /// With the library's sentences for people.
    pub(crate) fn advised(self, advice: Advice) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// With what the other side calls it.
    pub(crate) fn coded(self, code: String, sub_code: Option<String>) -> Self {
        Self { code: Some(code.into()), sub_code, ..self }
    }

    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self.certainty {
            _ if self.kind == USAGE => 2,
            Certainty::NotSent => 1,
            Certainty::Refused => Status::NotDone.code(),
            Certainty::Unknown => Status::Unknown.code(),
        }
    }

    pub(crate) fn object(&self) -> Object {
        Object::new()
            .with("kind", self.kind)
            .with("certainty", self.certainty.to_string())
            .with("code", self.code.as_deref())
            .with("sub_code", self.sub_code.as_deref())
            .with("message", self.message.as_str())
            .with("advice", self.advice.map(Advice::id))
    }

    pub(crate) fn text(&self) -> String {
        let known = match self.certainty {
            Certainty::NotSent => "nothing was sent",
            Certainty::Refused => "it was not carried out",
            Certainty::Unknown => "it may have been carried out or not",
        };
        let text = format!("{} [{}: {known}]", self.message, self.kind);
        match (language(), self.advice) {
            // The message says in English what to do.
            (Language::English, _) | (_, None) => text,
            (other, Some(advice)) => format!("{text}\n{}", advice.technician(other)),
        }
    }
}

impl From<InvalidArgument> for Problem {
    fn from(error: InvalidArgument) -> Self {
        let advice = error.advice();
        Self::usage(error).advised(advice)
    }
}

impl From<TransportError> for Problem {
    fn from(error: TransportError) -> Self {
        let certainty = match error.delivery() {
            Delivery::NotSent => Certainty::NotSent,
            Delivery::Unknown => Certainty::Unknown,
        };
        let advice = error.advice();
        Self::new("transport", certainty, error).advised(advice)
    }
}

const USAGE: &str = "usage";
