//! [`Envelope`]: what is in front of the fields of user data.

use std::fmt;

/// What is in front of the fields.
///
/// The SDK gives the template separately from the user data, so most likely nothing is there. The spec
/// does not say so: its chapter 3 speaks of a "Vas" whose template is four bytes long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Envelope {
    /// Nothing.
    #[default]
    Bare,
    /// A byte with the length of what follows.
    Length,
    /// The template, four bytes, big-endian.
    Template,
    /// The template, four bytes, big-endian, and a byte with the length of what follows.
    TemplateAndLength,
}

impl Envelope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Bare, Self::Length, Self::Template, Self::TemplateAndLength];

    /// Its name in the file of a layout.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Length => "length",
            Self::Template => "template",
            Self::TemplateAndLength => "template+length",
        }
    }

    /// How many of its bytes are the template.
    pub(in crate::campus) const fn template_size(self) -> u8 {
        match self {
            Self::Bare | Self::Length => 0,
            Self::Template | Self::TemplateAndLength => 4,
        }
    }

    /// How many of its bytes are the length.
    pub(in crate::campus) const fn length_size(self) -> u8 {
        match self {
            Self::Bare | Self::Template => 0,
            Self::Length | Self::TemplateAndLength => 1,
        }
    }

    /// How many bytes it takes.
    pub(in crate::campus) const fn size(self) -> u8 {
        self.template_size() + self.length_size()
    }
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
