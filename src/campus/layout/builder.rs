//! [`Builder`]: a layout, built in code.

use super::{Envelope, FieldKind, Items, Layout, LayoutItem, LayoutStanding, MAX_FIELDS};
use crate::advice::{self, Advice};
use crate::campus::field::Field;
use crate::campus::template::Template;

/// Builds a [`Layout`], field by field.
///
/// ```
/// use m26_pay::campus::field::Field;
/// use m26_pay::campus::layout::{InvalidLayout, FieldKind, Layout};
/// use m26_pay::campus::template::Template;
///
/// let twice = Layout::builder(Template::FOUR)
///     .field(Field::StudentNo, FieldKind::Vars)
///     .field(Field::StudentNo, FieldKind::Digits(10))
///     .build();
/// assert_eq!(twice, Err(InvalidLayout::Twice { index: 1, field: Field::StudentNo }));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    template: Template,
    standing: LayoutStanding,
    envelope: Envelope,
    items: Vec<LayoutItem>,
    /// Whether more fields were given than are kept.
    too_many: bool,
}

impl Builder {
    pub(super) fn new(template: Template) -> Self {
        Self {
            template,
            standing: LayoutStanding::default(),
            envelope: Envelope::default(),
            items: Vec::new(),
            too_many: false,
        }
    }

    /// Adds a field, written in this way.
    pub fn field(mut self, field: Field, kind: FieldKind) -> Self {
        if self.items.len() < MAX_FIELDS {
            self.items.push(LayoutItem { field, kind });
        } else {
            self.too_many = true;
        }
        self
    }

    /// Adds something for which the spec has no name.
    pub fn reserved(self, kind: FieldKind) -> Self {
        self.field(Field::Reserved, kind)
    }

    /// Sets what is in front of the fields; without this, nothing.
    pub fn envelope(mut self, envelope: Envelope) -> Self {
        self.envelope = envelope;
        self
    }

    /// Whether it is known to be right.
    pub fn standing(mut self, standing: LayoutStanding) -> Self {
        self.standing = standing;
        self
    }

    /// The layout.
    ///
    /// # Errors
    /// If there are no fields or more than [`MAX_FIELDS`], if one of the spec's comes twice, if one
    /// cannot be written in its way, or if half a byte is missing.
    pub fn build(self) -> Result<Layout, InvalidLayout> {
        if self.too_many {
            return Err(InvalidLayout::TooMany { limit: MAX_FIELDS });
        }
        if self.items.is_empty() {
            return Err(InvalidLayout::Empty);
        }
        for (index, item) in self.items.iter().enumerate() {
            let (before, rest) = self.items.split_at(index);
            let next = rest.get(1);
            check(index, *item, before, next)?;
        }
        let mut items = Items::NONE;
        for (to, item) in items.all.iter_mut().zip(&self.items) {
            *to = *item;
            items.count += 1;
        }
        Ok(Layout::compile(self.template, self.standing, self.envelope, items))
    }
}

/// Why some fields are not a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLayout {
    /// There are no fields.
    #[error("it has no fields")]
    Empty,
    /// The other half of a byte is missing.
    #[error("{} {} is half a byte, and the other half is missing: `high` comes first and `low` right behind it", .item.field, .item.kind)]
    Half {
        /// Which field it is, counted from 0.
        index: usize,
        /// The field.
        item: LayoutItem,
    },
    /// A field of no bytes.
    #[error("{field} has no bytes: 1 to 255 are possible")]
    NoBytes {
        /// Which field it is, counted from 0.
        index: usize,
        /// The field.
        field: Field,
    },
    /// There are too many fields.
    #[error("it has more than {limit} fields")]
    TooMany {
        /// How many there may be. It is also the index of the first field above the limit.
        limit: usize,
    },
    /// A field of the spec comes twice.
    #[error("{field} comes twice")]
    Twice {
        /// Which field the second one is, counted from 0.
        index: usize,
        /// The field.
        field: Field,
    },
    /// The field cannot be written in this way.
    #[error("{} cannot be written as {}: {expected}", .item.field, .item.kind)]
    Unsuitable {
        /// Which field it is, counted from 0.
        index: usize,
        /// The field.
        item: LayoutItem,
        /// How it can be written.
        expected: &'static str,
    },
}

impl InvalidLayout {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::LAYOUT
    }
}

impl InvalidLayout {
    /// Which field it is about, counted from 0.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        match *self {
            Self::Empty => None,
            Self::Half { index, .. }
            | Self::NoBytes { index, .. }
            | Self::TooMany { limit: index }
            | Self::Twice { index, .. }
            | Self::Unsuitable { index, .. } => Some(index),
        }
    }
}

/// Checks an item that stands between others.
fn check(
    index: usize,
    item: LayoutItem,
    before: &[LayoutItem],
    next: Option<&LayoutItem>,
) -> Result<(), InvalidLayout> {
    let LayoutItem { field, kind } = item;
    if field != Field::Reserved && before.iter().any(|earlier| earlier.field == field) {
        return Err(InvalidLayout::Twice { index, field });
    }
    let unsuitable = |expected| Err(InvalidLayout::Unsuitable { index, item, expected });
    match (field, kind) {
        (_, FieldKind::Bytes(0) | FieldKind::Digits(0)) => {
            Err(InvalidLayout::NoBytes { index, field })
        }
        (
            Field::SchoolNo,
            FieldKind::Byte | FieldKind::High | FieldKind::Low | FieldKind::Digits(..10),
        ) => unsuitable("it is a number of ten digits"),
        (
            Field::IdentifyId | Field::StudentNo | Field::StudentName | Field::Extinfos,
            FieldKind::Byte | FieldKind::High | FieldKind::Low | FieldKind::U64,
        ) => unsuitable("it is bytes, digits or vars"),
        (_, FieldKind::High) if next.map(|next| next.kind) != Some(FieldKind::Low) => {
            Err(InvalidLayout::Half { index, item })
        }
        (_, FieldKind::Low) if before.last().map(|last| last.kind) != Some(FieldKind::High) => {
            Err(InvalidLayout::Half { index, item })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(items: &[(Field, FieldKind)]) -> Result<Layout, InvalidLayout> {
        let start = Layout::builder(Template::FIVE);
        items.iter().fold(start, |builder, (field, kind)| builder.field(*field, *kind)).build()
    }

    #[test]
    fn what_cannot_be_is_named() {
        use Field::{CardStatus, CardType, Reserved, SchoolNo, StudentName, StudentNo};
        let half = |index, field, kind| {
            Err(InvalidLayout::Half { index, item: LayoutItem { field, kind } })
        };
        assert_eq!(build(&[]), Err(InvalidLayout::Empty));
        assert_eq!(build(&[(CardType, FieldKind::High)]), half(0, CardType, FieldKind::High));
        assert_eq!(build(&[(CardType, FieldKind::Low)]), half(0, CardType, FieldKind::Low));
        assert_eq!(
            build(&[
                (CardType, FieldKind::High),
                (Reserved, FieldKind::Byte),
                (CardStatus, FieldKind::Low)
            ]),
            half(0, CardType, FieldKind::High)
        );
        assert_eq!(
            build(&[
                (CardType, FieldKind::High),
                (CardStatus, FieldKind::Low),
                (Reserved, FieldKind::Low)
            ]),
            half(2, Reserved, FieldKind::Low)
        );
        assert_eq!(
            build(&[(StudentNo, FieldKind::Vars), (StudentName, FieldKind::Bytes(0))]),
            Err(InvalidLayout::NoBytes { index: 1, field: StudentName })
        );
        for (field, kind) in [
            (SchoolNo, FieldKind::Byte),
            (SchoolNo, FieldKind::Digits(9)),
            (StudentNo, FieldKind::U64),
            (StudentName, FieldKind::Byte),
        ] {
            let error = build(&[(field, kind)]).unwrap_err();
            assert!(matches!(error, InvalidLayout::Unsuitable { index: 0, .. }), "{error}");
        }
    }

    #[test]
    fn fifteen_fields_fit_and_no_more() {
        let most = [(Field::Reserved, FieldKind::Vars); MAX_FIELDS + 1];
        assert!(build(&most[1..]).is_ok());
        assert_eq!(build(&most), Err(InvalidLayout::TooMany { limit: MAX_FIELDS }));
    }
}
