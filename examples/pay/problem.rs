//! Why a command failed, what is known of it, and what to do.

use m26_pay::argument::InvalidArgument;
use m26_pay::engine::Certainty;
use m26_pay::gateway::alipay::{AnswerError, Effect, MerchantError, Refusal, RequestError};
use m26_pay::gateway::journal::{JournalError, Said};
use m26_pay::gateway::{Delivery, PaymentsError, TransportError, Trouble};

use crate::object::Object;
use crate::screen::Status;

/// Why a command failed.
pub(crate) struct Problem {
    kind: &'static str,
    certainty: Certainty,
    code: Option<String>,
    sub_code: Option<String>,
    message: String,
}

impl Problem {
    pub(crate) fn new(kind: &'static str, certainty: Certainty, message: impl ToString) -> Self {
        Self { kind, certainty, code: None, sub_code: None, message: message.to_string() }
    }

    /// The tool is used wrongly. Nothing was sent.
    pub(crate) fn usage(message: impl ToString) -> Self {
        Self::new(USAGE, Certainty::NotSent, message)
    }

    /// A file that is named on the command line cannot be used. Nothing was sent.
    pub(crate) fn io(message: impl ToString) -> Self {
        Self::new("io", Certainty::NotSent, message)
    }

    /// A second Ctrl-C, or one where nothing can be stopped.
    pub(crate) fn interrupted() -> Self {
        Self::new("interrupted", Certainty::Unknown, INTERRUPTED)
    }

    /// What a code of Alipay's says.
    pub(crate) fn said(self, said: &Said) -> Self {
        let code = Some(said.code.0.to_string());
        Self { code, sub_code: said.sub_code.as_ref().map(ToString::to_string), ..self }
    }

    /// The same, and nothing of what was asked for was sent.
    pub(crate) fn not_sent(self, doing: &str) -> Self {
        let message = format!("{}; {doing}", self.message);
        Self { certainty: Certainty::NotSent, message, ..self }
    }

    /// The same, of which a part was carried out.
    pub(crate) fn of_some(self, doing: &str) -> Self {
        let message = format!("{}; {doing}", self.message);
        Self { certainty: Certainty::Unknown, message, ..self }
    }

    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self.certainty {
            _ if self.kind == USAGE => 2,
            Certainty::NotSent => 1,
            Certainty::Refused => Status::NotPaid.code(),
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
    }

    pub(crate) fn text(&self) -> String {
        let known = match self.certainty {
            Certainty::NotSent => "nothing was sent",
            Certainty::Refused => "it was not carried out",
            Certainty::Unknown => "it may have been carried out or not",
        };
        format!("{} [{}: {known}]", self.message, self.kind)
    }
}

impl From<InvalidArgument> for Problem {
    fn from(error: InvalidArgument) -> Self {
        Self::usage(error)
    }
}

impl From<MerchantError> for Problem {
    fn from(error: MerchantError) -> Self {
        Self::usage(format_args!("--alipay-key: {error}"))
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        Self::new("request", Certainty::NotSent, error)
    }
}

impl From<TransportError> for Problem {
    fn from(error: TransportError) -> Self {
        let certainty = match error.delivery() {
            Delivery::NotSent => Certainty::NotSent,
            Delivery::Unknown => Certainty::Unknown,
        };
        Self::new("transport", certainty, error)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let certainty = match refusal.effect() {
            Effect::NotDone => Certainty::Refused,
            _ => Certainty::Unknown,
        };
        Self::new("refused", certainty, &refusal).said(&Said::of(&refusal, true))
    }
}

impl From<AnswerError> for Problem {
    fn from(error: AnswerError) -> Self {
        let problem = Self::new("answer", Certainty::Unknown, &error);
        match &error {
            AnswerError::Unverified(refusal) => problem.said(&Said::of(refusal, false)),
            _ => problem,
        }
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let message = match &error {
            JournalError::Failed(source) => format!("{error}: {source}"),
            _ => error.to_string(),
        };
        Self::new("journal", Certainty::NotSent, message)
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Answer(error) => error.into(),
            Trouble::Journal(error) => error.into(),
            Trouble::Request(error) => error.into(),
            Trouble::Transport(error) => error.into(),
            other => Self::new("other", Certainty::Unknown, other),
        }
    }
}

impl From<PaymentsError> for Problem {
    fn from(error: PaymentsError) -> Self {
        match error {
            PaymentsError::Argument(error) => error.into(),
            PaymentsError::Journal(error) => error.into(),
            PaymentsError::NumberUsed(_) => Self::usage(error),
            PaymentsError::Held(_) => Self::new("held", Certainty::NotSent, error),
            other => Self::new("other", Certainty::Unknown, other),
        }
    }
}

const USAGE: &str = "usage";

const INTERRUPTED: &str = "left at once: what was under way may still happen; an order that was \
                           begun is open in the journal, and `settle` asks for it";
