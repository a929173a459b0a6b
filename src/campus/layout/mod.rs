//! [`Layout`]: the layout of user data, as a value.
//!
//! **The tables of the spec's chapter 3 are lost.** What remains is the list of the fields, their
//! order in the explanations, and two types, Byte and Vars. So a [`Layout`] is a value that can be
//! corrected without a change of this crate: it is built in code, or read from a text file. The two
//! built-in ones, [`Layout::TEMPLATE_4`] and [`Layout::TEMPLATE_5`], are the best guesses and
//! [provisional](LayoutStanding::Provisional). With captured codes, [`probe`](super::probe) finds out
//! which one is right, and writes the file.
//!
//! ```
//! use m26_pay::campus::field::Field;
//! use m26_pay::campus::layout::{FieldKind, Layout, LayoutStanding};
//! use m26_pay::campus::template::Template;
//!
//! let layout = Layout::builder(Template::FIVE)
//!     .field(Field::SchoolNo, FieldKind::U64)
//!     .field(Field::CardType, FieldKind::High)
//!     .field(Field::CardStatus, FieldKind::Low)
//!     .field(Field::StudentNo, FieldKind::Vars)
//!     .field(Field::StudentName, FieldKind::Vars)
//!     .build()?;
//! assert_eq!(layout.standing(), LayoutStanding::Provisional);
//! assert_eq!(layout.to_string().parse(), Ok(layout));
//! # Ok::<(), m26_pay::campus::layout::InvalidLayout>(())
//! ```
//!
//! # The file
//!
//! Each line is a word and its value, separated by blanks; `#` begins a comment. The first line is
//! `layout 1`, where 1 is the number of this format. The template follows; then the standing and the
//! envelope, which can be left out if they are `provisional` and `bare`; then the fields, in their
//! order.
//!
//! ```
//! # let text = "
//! layout 1
//! template 5
//! standing proven             # provisional, proven
//! envelope bare               # bare, length, template, template+length
//! school_no u64               # 8 bytes, big-endian
//! identify_id vars            # a length byte, then as many bytes
//! card_type high              # the high half of a byte
//! card_status low             # the low half of the same byte
//! student_no digits 10        # ten ASCII digits
//! student_name bytes 12       # twelve bytes
//! reserved byte               # a byte that the spec has no name for
//! extinfos vars
//! # ";
//! # assert!(text.parse::<m26_pay::campus::layout::Layout>().is_ok());
//! ```

mod builder;
mod encode;
mod envelope;
mod plan;
mod text;

use std::fmt;

use super::field::Field;
use super::template::Template;

pub use builder::{Builder, InvalidLayout};
pub use encode::{Card, EncodeError, EncodeReason};
pub use envelope::Envelope;
pub(super) use plan::{Place, Plan};
pub use text::{InvalidText, InvalidTextReason};

/// The order and the kinds of the fields of user data, and its envelope.
///
/// It cannot be invalid. [`Layout::builder`] makes one in code, [`str::parse`] reads the text that
/// [`Display`](fmt::Display) writes, see [the format](self#the-file).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    template: Template,
    standing: LayoutStanding,
    envelope: Envelope,
    items: Items,
    plan: Plan,
}

/// Whether a layout is known to be right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LayoutStanding {
    /// It is a guess. What it reads may be wrong even if the code fits it.
    #[default]
    Provisional,
    /// Its maker says that it is right: it is in Alipay's tables, or captured codes fit it and no other
    /// layout.
    Proven,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldKind {
    /// A byte (spec, 2: Byte).
    Byte,
    /// This many bytes, at least 1.
    Bytes(u8),
    /// This many ASCII digits, at least 1.
    Digits(u8),
    /// The high half of a byte. The low half must follow.
    High,
    /// The low half of the byte whose high half came before.
    Low,
    /// Eight bytes, big-endian (spec, 3: 编码成long型处理).
    U64,
    /// A byte with the length, 0 to 255, then that many bytes (spec, 2: Vars).
    Vars,
}

/// A field and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayoutItem {
    /// The field.
    pub field: Field,
    /// How it is written.
    pub kind: FieldKind,
}

/// The items of a layout.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Items {
    all: [LayoutItem; MAX_FIELDS],
    count: u8,
}

impl Layout {
    /// A guess at template 4.
    ///
    /// Its table is lost; only the names of the fields are known. That it is template 5 without the
    /// student is a guess.
    ///
    /// ```text
    /// school_no    8 bytes, big-endian
    /// identify_id  Vars
    /// card_type    Byte
    /// card_status  Byte
    /// extinfos     Vars
    /// ```
    pub const TEMPLATE_4: Self = Self::compile(
        Template::FOUR,
        LayoutStanding::Provisional,
        Envelope::Bare,
        Items::of(&[
            LayoutItem { field: Field::SchoolNo, kind: FieldKind::U64 },
            LayoutItem { field: Field::IdentifyId, kind: FieldKind::Vars },
            LayoutItem { field: Field::CardType, kind: FieldKind::Byte },
            LayoutItem { field: Field::CardStatus, kind: FieldKind::Byte },
            LayoutItem { field: Field::Extinfos, kind: FieldKind::Vars },
        ]),
    );

    /// A guess at template 5.
    ///
    /// Its table is lost; the fields are in the order in which the spec explains them.
    ///
    /// ```text
    /// school_no     8 bytes, big-endian
    /// identify_id   Vars
    /// card_type     Byte
    /// card_status   Byte
    /// student_no    Vars
    /// student_name  Vars
    /// extinfos      Vars
    /// ```
    pub const TEMPLATE_5: Self = Self::compile(
        Template::FIVE,
        LayoutStanding::Provisional,
        Envelope::Bare,
        Items::of(&[
            LayoutItem { field: Field::SchoolNo, kind: FieldKind::U64 },
            LayoutItem { field: Field::IdentifyId, kind: FieldKind::Vars },
            LayoutItem { field: Field::CardType, kind: FieldKind::Byte },
            LayoutItem { field: Field::CardStatus, kind: FieldKind::Byte },
            LayoutItem { field: Field::StudentNo, kind: FieldKind::Vars },
            LayoutItem { field: Field::StudentName, kind: FieldKind::Vars },
            LayoutItem { field: Field::Extinfos, kind: FieldKind::Vars },
        ]),
    );

    /// A layout that has no fields yet, provisional and bare.
    pub fn builder(template: Template) -> Builder {
        Builder::new(template)
    }

    /// The template that it is for.
    #[must_use]
    pub const fn template(&self) -> Template {
        self.template
    }

    /// Whether it is known to be right.
    #[must_use]
    pub const fn standing(&self) -> LayoutStanding {
        self.standing
    }

    /// What is in front of the fields.
    #[must_use]
    pub const fn envelope(&self) -> Envelope {
        self.envelope
    }

    /// The fields, in their order.
    #[must_use]
    pub fn items(&self) -> &[LayoutItem] {
        self.items.as_slice()
    }

    /// Whether it has this field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.items().iter().any(|item| item.field == field)
    }

    /// This layout with another standing, for a caller that knows it.
    #[must_use]
    pub const fn with_standing(self, standing: LayoutStanding) -> Self {
        Self { standing, ..self }
    }

    /// This layout in another envelope.
    #[must_use]
    pub const fn with_envelope(self, envelope: Envelope) -> Self {
        Self::compile(self.template, self.standing, envelope, self.items)
    }

    /// All of it on one line, for a message.
    ///
    /// ```
    /// use m26_pay::campus::layout::Layout;
    ///
    /// assert_eq!(
    ///     Layout::TEMPLATE_4.summary().to_string(),
    ///     "template 4, bare: school_no u64, identify_id vars, card_type byte, card_status byte, \
    ///      extinfos vars"
    /// );
    /// ```
    #[must_use]
    pub fn summary(&self) -> impl fmt::Display {
        Summary(*self)
    }

    /// Makes a layout; every other way leads here. The items must be valid.
    const fn compile(
        template: Template,
        standing: LayoutStanding,
        envelope: Envelope,
        items: Items,
    ) -> Self {
        let plan = Plan::new(envelope, &items);
        Self { template, standing, envelope, items, plan }
    }

    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout")
            .field("template", &self.template)
            .field("standing", &self.standing)
            .field("envelope", &self.envelope)
            .field("items", &self.items())
            .finish()
    }
}

impl Items {
    const NONE: Self = Self {
        all: [LayoutItem { field: Field::Reserved, kind: FieldKind::Byte }; MAX_FIELDS],
        count: 0,
    };

    const fn of<const N: usize>(items: &[LayoutItem; N]) -> Self {
        const { assert!(N <= MAX_FIELDS) }
        let mut all = Self::NONE.all;
        let mut index = 0;
        while index < N {
            all[index] = items[index];
            index += 1;
        }
        Self { all, count: N as u8 }
    }

    fn as_slice(&self) -> &[LayoutItem] {
        self.all.get(..usize::from(self.count)).unwrap_or_default()
    }
}

impl FieldKind {
    /// How many bytes it takes; for a Vars, the length byte alone. The low half of a byte takes none,
    /// because the high half has taken the byte.
    pub(super) const fn fixed_size(self) -> u16 {
        match self {
            Self::Byte | Self::High | Self::Vars => 1,
            Self::Bytes(count) | Self::Digits(count) => count as u16,
            Self::Low => 0,
            Self::U64 => 8,
        }
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte => f.write_str("byte"),
            Self::Bytes(count) => write!(f, "bytes {count}"),
            Self::Digits(count) => write!(f, "digits {count}"),
            Self::High => f.write_str("high"),
            Self::Low => f.write_str("low"),
            Self::U64 => f.write_str("u64"),
            Self::Vars => f.write_str("vars"),
        }
    }
}

impl fmt::Display for LayoutItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.kind)
    }
}

impl LayoutStanding {
    /// Its name in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provisional => "provisional",
            Self::Proven => "proven",
        }
    }
}

impl fmt::Display for LayoutStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

struct Summary(Layout);

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template {}, {}", self.0.template, self.0.envelope)?;
        self.0.items().iter().enumerate().try_for_each(|(index, item)| {
            write!(f, "{}{item}", if index == 0 { ": " } else { ", " })
        })
    }
}

/// How many fields a layout may have. Not specified; chosen as twice the number of fields in the spec,
/// and one more.
pub const MAX_FIELDS: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_valid_and_provisional() {
        for layout in [Layout::TEMPLATE_4, Layout::TEMPLATE_5] {
            assert_eq!(layout.standing(), LayoutStanding::Provisional);
            let built =
                layout.items().iter().fold(Layout::builder(layout.template()), |builder, item| {
                    builder.field(item.field, item.kind)
                });
            assert_eq!(built.build(), Ok(layout));
        }
    }
}
