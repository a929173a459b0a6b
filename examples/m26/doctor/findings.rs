//! What was found, step by step.

use std::fmt;

use m26_pay::error::{Error, ErrorKind};

use crate::object::Object;
use crate::screen::printable;

/// The steps, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Permission,
    Port,
    Bytes,
    Rate,
    Answers,
    Firmware,
    Sim,
    Pin,
    Signal,
    Registration,
    PacketData,
    Clocks,
    Configured,
    Environment,
    Outbox,
    Open,
    BizTid,
    Signature,
}

/// What was found, of each step at most once.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    step: Step,
    outcome: Outcome,
    found: String,
}

#[derive(Debug)]
enum Outcome {
    Well,
    /// It is not as it should be. What to do about it.
    Failed(String),
    /// The module gave no answer that tells.
    Unknown,
    NotTried,
}

impl Step {
    const ALL: [Self; 18] = [
        Self::Permission,
        Self::Port,
        Self::Bytes,
        Self::Rate,
        Self::Answers,
        Self::Firmware,
        Self::Sim,
        Self::Pin,
        Self::Signal,
        Self::Registration,
        Self::PacketData,
        Self::Clocks,
        Self::Configured,
        Self::Environment,
        Self::Outbox,
        Self::Open,
        Self::BizTid,
        Self::Signature,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Port => "port",
            Self::Bytes => "bytes",
            Self::Rate => "rate",
            Self::Answers => "answers",
            Self::Firmware => "firmware",
            Self::Sim => "sim",
            Self::Pin => "pin",
            Self::Signal => "signal",
            Self::Registration => "registration",
            Self::PacketData => "packet-data",
            Self::Clocks => "clocks",
            Self::Configured => "configured",
            Self::Environment => "environment",
            Self::Outbox => "outbox",
            Self::Open => "open",
            Self::BizTid => "biz-tid",
            Self::Signature => "signature",
        }
    }
}

impl Findings {
    pub(super) fn well(&mut self, step: Step, found: impl Into<String>) {
        self.add(step, Outcome::Well, found.into());
    }

    /// Something is wrong, and this is to be done about it.
    pub(super) fn failed(
        &mut self,
        step: Step,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(step, Outcome::Failed(remedy.into()), found.into());
    }

    /// What could not be found out. Where that is so of the step before too, nobody is asked any more.
    ///
    /// # Errors
    /// What came in the place of an answer, if nobody is to be asked.
    pub(super) fn unknown(&mut self, step: Step, error: Error) -> Result<(), Error> {
        let gone = matches!(error.kind(), ErrorKind::Disconnected | ErrorKind::Io);
        if gone || matches!(self.0.last(), Some(Finding { outcome: Outcome::Unknown, .. })) {
            return Err(error);
        }
        self.add(step, Outcome::Unknown, format!("not known: {error}"));
        Ok(())
    }

    /// There is nobody to ask any more, so that the next step fails.
    pub(super) fn lost(&mut self, error: &Error) {
        let next = Step::ALL.into_iter().find(|step| !self.knows(*step));
        if let Some(step) = next {
            self.failed(
                step,
                format!("the questions end here: {error}"),
                "switch the module off and on, look at the plug, and try again",
            );
        }
    }

    pub(super) fn not_tried(&mut self, step: Step, why: &str) {
        self.add(step, Outcome::NotTried, why.into());
    }

    fn add(&mut self, step: Step, outcome: Outcome, found: String) {
        self.0.push(Finding { step, outcome, found });
    }

    /// Notes of all other steps that they were not tried, and puts them in order.
    pub(super) fn complete(&mut self) {
        for step in Step::ALL {
            if !self.knows(step) {
                self.not_tried(step, "something above it is wrong");
            }
        }
        self.0.sort_by_key(|finding| Step::ALL.iter().position(|step| *step == finding.step));
    }

    fn knows(&self, step: Step) -> bool {
        self.0.iter().any(|finding| finding.step == step)
    }

    /// Whether no step failed.
    pub(super) fn all_well(&self) -> bool {
        let failed = |outcome: &_| matches!(outcome, Outcome::Failed(_) | Outcome::Unknown);
        !self.0.iter().any(|finding| failed(&finding.outcome))
    }

    pub(super) fn object(&self) -> Object {
        let steps: Vec<_> = self.0.iter().map(Finding::object).collect();
        Object::new().list("steps", &steps)
    }
}

impl Finding {
    fn object(&self) -> Object {
        let (state, remedy) = match &self.outcome {
            Outcome::Well => ("ok", None),
            Outcome::Failed(remedy) => ("failed", Some(remedy.as_str())),
            Outcome::Unknown => ("failed", Some(AGAIN)),
            Outcome::NotTried => ("not-tried", None),
        };
        Object::new()
            .with("step", self.step.name())
            .with("state", state)
            .with("found", self.found.as_str())
            .with("remedy", remedy)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.0.iter().enumerate() {
            let line_end = if number == 0 { "" } else { "\n" };
            let (mark, remedy) = match &finding.outcome {
                Outcome::Well => ("✓", None),
                Outcome::Failed(remedy) => ("✗", Some(remedy.as_str())),
                Outcome::Unknown => ("✗", Some(AGAIN)),
                Outcome::NotTried => ("·", None),
            };
            let name = finding.step.name();
            write!(f, "{line_end}{mark} {name:<14}{}", printable(&finding.found))?;
            if let Some(remedy) = remedy {
                write!(f, "\n  {:<14}→ {}", "", printable(remedy))?;
            }
        }
        Ok(())
    }
}

/// What to do where the module gave no answer that tells.
const AGAIN: &str = "try again; if it stays, send a --bundle";
