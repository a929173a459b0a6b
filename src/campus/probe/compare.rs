//! How layouts that all fit can be told apart.

use super::check::check;
use super::{Capture, OpenQuestion};
use crate::campus::field::{Field, SchoolNo};
use crate::campus::layout::{FieldKind, Layout};
use crate::campus::user_data::UserData;

/// The fields about which all these layouts agree, and what would tell the layouts apart.
pub(super) fn compare(
    fits: &[Layout],
    captures: &[Capture],
    own: Option<SchoolNo>,
) -> (Vec<Field>, Vec<OpenQuestion>) {
    let mut settled = Vec::new();
    let mut open = Vec::new();
    let (Some((first, others)), [_, ..]) = (fits.split_first(), captures) else {
        return (settled, open);
    };
    if others.iter().any(|other| other.template() != first.template()) {
        open.push(OpenQuestion::Template);
    }
    let fields = Field::NAMED.into_iter();
    for field in fields.filter(|field| fits.iter().any(|layout| layout.has(*field))) {
        let difference = captures.iter().flat_map(|capture| {
            let reading = move |layout| {
                check(layout, capture, own).ok().map(|user_data| Reading::of(&user_data, field))
            };
            let one = reading(first);
            let known = is_known(capture, field);
            others.iter().map(move |other| difference(&one, &reading(other), known))
        });
        match difference.max().unwrap_or(Difference::None) {
            Difference::None => settled.push(field),
            Difference::Place | Difference::Known => open.push(OpenQuestion::Vary(field)),
            // What the spec tells a terminal to ignore is not known of any card.
            Difference::Unknown if matches!(field, Field::CardStatus | Field::Extinfos) => {}
            Difference::Unknown => open.push(OpenQuestion::Say(field)),
        }
    }
    (settled, open)
}

/// How two layouts differ in one field, the smallest difference first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    None,
    /// The places differ, and the values there are the same.
    Place,
    /// The values differ, and the holder's is known: one of the layouts has no such field.
    Known,
    /// The values differ, and the holder's is not known.
    Unknown,
}

fn difference(one: &Option<Reading>, other: &Option<Reading>, known: bool) -> Difference {
    let value = |reading: &Option<Reading>| reading.as_ref().map(|reading| reading.value.clone());
    if one == other {
        Difference::None
    } else if value(one) == value(other) {
        Difference::Place
    } else if known {
        Difference::Known
    } else {
        Difference::Unknown
    }
}

/// A field by a layout: its value and its place.
#[derive(PartialEq, Eq)]
struct Reading {
    value: Option<Vec<u8>>,
    place: Option<(usize, FieldKind)>,
}

impl Reading {
    fn of(user_data: &UserData<'_>, field: Field) -> Self {
        let item = user_data.layout().items().iter().find(|item| item.field == field);
        let number = match field {
            Field::CardType => user_data.card_type().map(|number| vec![number.get()]),
            _ => None,
        };
        let bytes = || user_data.raw(field).map(|bytes| bytes.into_inner().to_vec());
        Self {
            value: number.or_else(bytes),
            place: user_data.position(field).zip(item.map(|item| item.kind)),
        }
    }
}

fn is_known(capture: &Capture, field: Field) -> bool {
    let holder = &capture.holder;
    match field {
        Field::SchoolNo => holder.school_no.is_some(),
        Field::IdentifyId => holder.identify_id.is_some(),
        Field::CardType => holder.card_type.is_some(),
        Field::StudentNo => holder.student_no.is_some(),
        Field::StudentName => holder.student_name.is_some(),
        Field::CardStatus | Field::Extinfos | Field::Reserved => false,
    }
}
