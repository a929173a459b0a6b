//! A JSON object that keeps the order of its fields.

use std::fmt::{self, Write as _};

use serde_json::Value;

/// An object, to be printed on one line.
#[derive(Clone, Default)]
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With one more field.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        match value.into() {
            Value::Null => self.push(name, &"null"),
            Value::Number(number) => self.push(name, &number),
            Value::String(text) => {
                self.name(name);
                self.string(&text);
                self
            }
            value => self.push(name, &value),
        }
    }

    /// With one more field that is JSON already, such as an object.
    pub(crate) fn nest(self, name: &str, object: &impl fmt::Display) -> Self {
        self.push(name, object)
    }

    /// With one more field that is a list of objects.
    pub(crate) fn list(self, name: &str, objects: &[Self]) -> Self {
        let objects: Vec<_> = objects.iter().map(Self::to_string).collect();
        self.push(name, &format_args!("[{}]", objects.join(",")))
    }

    fn push(mut self, name: &str, value: &dyn fmt::Display) -> Self {
        self.name(name);
        // A string takes everything.
        let _ = write!(self.0, "{value}");
        self
    }

    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.string(name);
        self.0.push(':');
    }

    /// A string in quotes. Most need no escapes, and are written as they are.
    fn string(&mut self, text: &str) {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            self.0.push('"');
            self.0.push_str(text);
            self.0.push('"');
        } else {
            let _ = write!(self.0, "{}", Value::from(text));
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.0)
    }
}
