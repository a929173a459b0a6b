//! What the answer of each call says: fields named as in the document, sealed ones in clear.

mod contract;
mod gift;
mod user;

use jiff::Timestamp;
use jiff::tz::Offset;
use m26_pay::gateway::Fields;
use m26_pay::gateway::unionpay::Call;
use m26_pay::unix_time::UnixMillis;
use serde_json::Value;

use crate::object::Object;
use crate::screen::{Ended, Status};

/// A call of which the tool tells.
pub(crate) trait Told: Call {
    /// Whether it only reads: then a refusal is one, whatever its code says.
    const READS: bool;

    /// What the answer says.
    fn tell(answer: &Self::Answer, fields: &Fields) -> Said;
}

/// Fields by their names, and what a person has to know about them.
pub(crate) struct Said {
    fields: Vec<(&'static str, Value)>,
    remark: Option<&'static str>,
}

impl Said {
    pub(crate) fn new() -> Self {
        Self { fields: Vec::new(), remark: None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// With a field as it came.
    fn copied(self, fields: &Fields, name: &'static str) -> Self {
        self.with(name, fields.text(name).as_deref())
    }

    fn remark(self, remark: &'static str) -> Self {
        Self { remark: Some(remark), ..self }
    }

    pub(crate) fn object(&self) -> Object {
        self.fields
            .iter()
            .fold(Object::new(), |object, (name, value)| object.with(name, value.clone()))
    }

    pub(crate) fn text(&self) -> String {
        let lines = self.fields.iter().filter(|(_, value)| !value.is_null());
        let mut lines: Vec<_> = lines
            .map(|(name, value)| match value {
                Value::String(text) => format!("{name}: {text}"),
                other => format!("{name}: {other}"),
            })
            .collect();
        lines.extend(self.remark.map(str::to_owned));
        lines.join("\n")
    }

    pub(crate) fn ended(&self) -> Ended {
        Ended { status: Status::Done, result: self.object(), text: self.text() }
    }
}

/// A time in Beijing, in the 14 digits of 5.4.1's sample.
pub(crate) fn beijing(at: Option<UnixMillis>) -> Option<String> {
    let at = Timestamp::from_millisecond(at?.0).ok()?;
    Some(Offset::constant(8).to_datetime(at).strftime("%Y%m%d%H%M%S").to_string())
}

const ACCEPTED: &str = "accepted: whether anybody got anything is not said";
