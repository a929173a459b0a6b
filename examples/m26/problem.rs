//! Why a command failed, and what to do about it.

use std::io;

use m26_pay::advice::{Advice, Language};
use m26_pay::amount::InvalidAmount;
use m26_pay::argument::InvalidArgument;
use m26_pay::at::command::InvalidCommand;
use m26_pay::engine::Certainty;
use m26_pay::error::{Error, ErrorKind};

use crate::language::language;
use crate::object::Object;

/// Why a command failed.
pub(crate) struct Problem {
    kind: ErrorKind,
    certainty: Certainty,
    code: Option<i32>,
    message: String,
    /// In sentences for people, if the library has it.
    advice: Option<Advice>,
    /// More of it, for programs.
    detail: Option<Object>,
}

impl Problem {
    pub(crate) fn new(kind: ErrorKind, certainty: Certainty, message: String) -> Self {
        Self { kind, certainty, code: None, message, advice: None, detail: None }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Something cannot be done as it is written. Nothing was sent.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::not_sent(ErrorKind::Invalid, message.into())
    }

    /// What was asked for cannot be told. Nothing was sent.
    pub(crate) fn undecided(message: impl Into<String>, detail: Object) -> Self {
        Self { detail: Some(detail), ..Self::not_sent(ErrorKind::Mismatch, message.into()) }
    }

    /// With more of it, for programs.
    pub(crate) fn with_detail(self, detail: Object) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// With the library's sentences for people.
    pub(crate) fn advised(self, advice: Advice) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// A file cannot be used. Nothing was sent.
    pub(crate) fn io(doing: &str, error: &io::Error) -> Self {
        Self::not_sent(ErrorKind::Io, format!("{doing}: {error}"))
    }

    fn not_sent(kind: ErrorKind, message: String) -> Self {
        Self::new(kind, Certainty::NotSent, message)
    }

    /// In a file of commands, the line it is about.
    pub(crate) fn on_line(mut self, number: u64) -> Self {
        self.message = format!("line {number}: {}", self.message);
        self
    }

    /// It ended because the user wanted the tool to end.
    pub(crate) fn stopped(mut self) -> Self {
        self.kind = ErrorKind::Interrupted;
        self.message += "; it was stopped";
        self
    }

    /// With a few words on what to do, where the module's answer does not say it.
    pub(crate) fn advise(mut self, command: &str, new_simulator: bool) -> Self {
        let Some(advice) = self.advice(command) else { return self };
        self.message += "; ";
        self.message += advice;
        if new_simulator {
            self.message += "; the simulated module is a new one at every start of this tool: give \
                             it all the commands at once, with `run`";
        }
        self
    }

    fn advice(&self, command: &str) -> Option<&'static str> {
        let refused = self.kind == ErrorKind::Refused;
        let result = (self.kind == ErrorKind::Result).then_some(self.code).flatten();
        match command {
            "open" if refused => Some(OPEN_REFUSED),
            "open" if result == Some(-1) => Some(OPEN_FAILED),
            "sign" if refused || result == Some(-1) => Some(SIGN_FAILED),
            "device-id" if refused || result == Some(-1) => Some(NOT_OPEN),
            "product-info" | "report" | "queue" | "usage" if refused || result == Some(2) => {
                Some(NOT_OPEN)
            }
            "report" | "product-info" | "usage" if result == Some(6) => Some(QUEUE_FULL),
            "shut" if refused => Some(NOT_OPEN),
            _ => None,
        }
    }

    pub(crate) fn object(&self) -> Object {
        let object = Object::new()
            .with("kind", self.kind.name())
            .with("certainty", self.certainty.to_string())
            .with("code", self.code)
            .with("message", self.message.as_str())
            .with("advice", self.advice.map(Advice::id));
        match &self.detail {
            Some(detail) => object.nest("detail", detail),
            None => object,
        }
    }

    pub(crate) fn text(&self) -> String {
        let known = match self.certainty {
            Certainty::NotSent => "nothing was sent",
            Certainty::Refused => "it was not carried out",
            Certainty::Unknown => "it may have been carried out or not",
        };
        let text = format!("{} [{}: {known}]", self.message, self.kind.name());
        match (language(), self.advice) {
            // The message says in English what to do.
            (Language::English, _) | (_, None) => text,
            (language, Some(advice)) => format!("{text}\n{}", advice.technician(language)),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind(),
            certainty: error.certainty(),
            code: error.code(),
            message: error.to_string(),
            advice: Some(error.advice()),
            detail: None,
        }
    }
}

impl From<InvalidAmount> for Problem {
    fn from(error: InvalidAmount) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<InvalidArgument> for Problem {
    fn from(error: InvalidArgument) -> Self {
        Error::from(error).into()
    }
}

impl From<InvalidCommand> for Problem {
    fn from(error: InvalidCommand) -> Self {
        Error::from(error).into()
    }
}

const NOT_OPEN: &str =
    "the Alipay SDK may not be open: start it with `open`, once after each start of the module";

const OPEN_FAILED: &str =
    "see with `signal` whether the module is registered, and with `config show` what it is";

const OPEN_REFUSED: &str = "store the product's configuration first, with `config set`; a module \
                            on which the SDK was shut needs a restart";

const QUEUE_FULL: &str = "the SDK sends what it holds when it reaches its server: see with \
                          `signal` whether the module is registered, and try again later";

const SIGN_FAILED: &str = "signing needs an open SDK and a bizTid: start it with `open`, and ask \
                           with `device-id` until there is one";
