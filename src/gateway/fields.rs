//! The members of a signed node.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde_json::value::RawValue;

use super::json::members;
#[cfg(feature = "unionpay")]
use super::no_answer::NoAnswer;
use super::word::Word;
use crate::advice::{self, Advice};
use crate::amount::Amount;

/// What an answer says, under the platform's names, in the order and form in which it came: whatever
/// this crate has no type for is here. It shows the names that look like a platform's, and no values.
#[derive(Clone, Default)]
pub struct Fields {
    members: Vec<(String, Box<RawValue>)>,
    /// Whether blanks around a value are no part of it.
    trimmed: bool,
}

impl Fields {
    /// Reads a node that is an object in which no member comes twice.
    #[cfg(feature = "gateway")]
    pub(crate) fn read(node: &str) -> Result<Self, FieldError> {
        let members =
            members(node).map_err(|_| FieldError { field: "the node", expected: "an object" })?;
        let mut names = HashSet::with_capacity(members.len());
        if !members.iter().all(|(name, _)| names.insert(name.as_str())) {
            return Err(FieldError { field: "a member", expected: "there once" });
        }
        let members = members.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        Ok(Self { members, trimmed: false })
    }

    /// Reads an object in which blanks around a name or a value are no part of it: UnionPay's own
    /// samples have them.
    #[cfg(feature = "unionpay")]
    pub(crate) fn read_trimmed(object: &str) -> Result<Self, NoAnswer> {
        let members = members(object).map_err(|error| NoAnswer::instead_of_json(object, &error))?;
        let mut names = HashSet::with_capacity(members.len());
        if !members.iter().all(|(name, _)| names.insert(name.trim())) {
            return Err(NoAnswer::Twice);
        }
        let trimmed = |(name, value): (String, &RawValue)| (name.trim().into(), value.to_owned());
        Ok(Self { members: members.into_iter().map(trimmed).collect(), trimmed: true })
    }

    /// The names, in the order in which they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// A member's JSON as it came, or `None` if it is not there or `null`.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&str> {
        let (_, value) = self.members.iter().find(|(known, _)| known == name)?;
        Some(value.get()).filter(|json| *json != "null")
    }

    /// A member that is a text or a number, as a text; a number keeps its digits. `None` if it is
    /// not there, empty, or something else.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let json = self.json(name)?;
        let text = match json.as_bytes().first()? {
            b'"' => match serde_json::from_str::<&str>(json) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => Cow::Owned(serde_json::from_str(json).ok()?),
            },
            b'-' | b'0'..=b'9' => Cow::Borrowed(json),
            _ => return None,
        };
        let text = match text {
            Cow::Borrowed(text) if self.trimmed => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if self.trimmed => Cow::Owned(text.trim().to_owned()),
            text => text,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// If it is not there or no text.
    pub fn required(&self, name: &'static str) -> Result<Cow<'_, str>, FieldError> {
        self.text(name).ok_or(FieldError { field: name, expected: "there" })
    }

    /// An amount of yuan, written as a text or as a number.
    ///
    /// # Errors
    /// If it is there and no amount.
    pub fn amount(&self, name: &'static str) -> Result<Option<Amount>, FieldError> {
        let amount = |text: Cow<'_, str>| text.parse();
        self.text(name)
            .map(amount)
            .transpose()
            .map_err(|_| FieldError { field: name, expected: "an amount of yuan" })
    }

    /// A member of one of this crate's own types, which must be there.
    ///
    /// # Errors
    /// If it is not there or not valid.
    pub fn parsed<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, FieldError> {
        self.required(name)?.parse().map_err(|_| FieldError { field: name, expected: "valid" })
    }

    /// The same, where it may be left out.
    ///
    /// # Errors
    /// If it is there and not valid.
    pub fn optional<T: std::str::FromStr>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, FieldError> {
        let parsed = self.text(name).map(|text| text.parse()).transpose();
        parsed.map_err(|_| FieldError { field: name, expected: "valid" })
    }

    /// Refuses an answer with members of other calls' answers. The signature covers the node and not
    /// its name, so the answer of another call could stand here under the name of this one.
    #[cfg(feature = "gateway")]
    pub(crate) fn none_of(&self, others: &[&'static str]) -> Result<(), FieldError> {
        match others.iter().find(|name| self.json(name).is_some()) {
            Some(field) => Err(FieldError { field, expected: "a member of this answer" }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields")?;
        f.debug_list().entries(self.names().map(Word::new)).finish()
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        let pairs = |fields: &Self| -> Vec<(String, String)> {
            fields
                .members
                .iter()
                .map(|(name, json)| (name.clone(), json.get().to_owned()))
                .collect()
        };
        pairs(self) == pairs(other)
    }
}

impl Eq for Fields {}

/// A member of an answer is not as the platform documents it. It shows no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} of the gateway's answer is not {expected}")]
pub struct FieldError {
    /// Its name.
    pub field: &'static str,
    /// What it should be.
    pub expected: &'static str,
}

impl FieldError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::platform::FIELD
    }
}
