//! Why bytes are no user data.

use std::fmt;

use crate::advice::{self, Advice};
use crate::campus::charset::Charset;
use crate::campus::field::Field;
use crate::campus::layout::{Layout, LayoutStanding};
use crate::campus::template::Template;

/// Why bytes are not a user data of this layout.
///
/// It shows where, and nothing of what stands there: that may be personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserDataError {
    /// The field, or `None` if it is what stands around the fields, or has no name.
    pub field: Option<Field>,
    /// The byte, counted from 0; at the end, the length.
    pub position: usize,
    /// What is wrong there.
    pub reason: UserDataReason,
    /// Whether the layout is known to be right. If it is not, it may be the layout's fault.
    pub standing: LayoutStanding,
}

impl UserDataError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::UNREADABLE
    }
}

/// What is wrong with a user data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserDataReason {
    /// A length goes beyond the end. Which length is not said: read by a wrong layout, it is a
    /// byte of something else.
    #[error("is longer than the {left} bytes that are left")]
    Overlong {
        /// How many bytes there are from there on.
        left: usize,
    },
    /// The bytes end too early.
    #[error("needs {needed} bytes, and {left} are left")]
    Truncated {
        /// How many bytes are needed from there on.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// There are bytes behind the last field.
    #[error("has {count} bytes that belong to no field")]
    Trailing {
        /// How many.
        count: usize,
    },
    /// There are too many bytes.
    #[error("has {length} bytes, at most {limit} are read")]
    TooLong {
        /// How many there are.
        length: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A byte is no ASCII digit.
    #[error("is no ASCII digit")]
    NotDigit,
    /// The number cannot be.
    #[error("is not {0}")]
    OutOfRange(&'static str),
    /// The envelope names another template.
    #[error("names another template than {expected}")]
    OtherTemplate {
        /// The template of the layout.
        expected: Template,
    },
    /// A name is not in its encoding.
    #[error("is no {}", .0.name())]
    Undecodable(Charset),
}

impl UserDataReason {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::UNREADABLE
    }
}

impl UserDataError {
    pub(super) fn at(
        layout: &Layout,
        field: Option<Field>,
        position: usize,
        reason: UserDataReason,
    ) -> Self {
        let field = field.filter(|field| *field != Field::Reserved);
        Self { field, position, reason, standing: layout.standing() }
    }
}

impl fmt::Display for UserDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.field.map_or("the user data", Field::name);
        write!(f, "{name} at byte {} {}", self.position, self.reason)?;
        match self.standing {
            LayoutStanding::Proven => Ok(()),
            LayoutStanding::Provisional => f.write_str(
                "; the layout is provisional and may be wrong: have captured codes probed",
            ),
        }
    }
}

impl std::error::Error for UserDataError {}
