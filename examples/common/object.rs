//! A JSON object that keeps the order of its fields.

use std::fmt;

use serde_json::Value;

/// An object, to be printed on one line.
#[derive(Clone, Default)]
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With one more field.
    pub(crate) fn with(self, name: &str, value: impl Into<Value>) -> Self {
        self.push(name, &value.into())
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
        let comma = if self.0.is_empty() { "" } else { "," };
        self.0 += &format!("{comma}{}:{value}", Value::from(name));
        self
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.0)
    }
}
