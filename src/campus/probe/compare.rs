//! What tells layouts apart that all fit.

use super::check::check;
use super::{Capture, Open};
use crate::campus::field::{Field, SchoolNo};
use crate::campus::layout::{Kind, Layout};
use crate::campus::user_data::UserData;

/// The fields about which all these layouts agree, and what would tell the layouts apart.
pub(super) fn compare(
    fits: &[Layout],
    captures: &[Capture],
    own: Option<SchoolNo>,
) -> (Vec<Field>, Vec<Open>) {
    let mut settled = Vec::new();
    let mut open = Vec::new();
    let Some((first, others)) = fits.split_first() else { return (settled, open) };
    if others.iter().any(|other| other.template() != first.template()) {
        open.push(Open::Template);
    }
    for field in Field::NAMED {
        let (mut same_value, mut same_place, mut known) = (true, true, true);
        for capture in captures {
            let reading =
                |layout| check(layout, capture, own).ok().map(|data| Reading::of(&data, field));
            let one = reading(first);
            for other in others.iter().map(reading) {
                let same =
                    other.as_ref().map(|other| &other.value) == one.as_ref().map(|one| &one.value);
                same_value &= same;
                same_place &= other == one;
                known &= same || is_known(capture, field);
            }
        }
        let exists = fits.iter().any(|layout| layout.has(field));
        if same_value && same_place && exists && !captures.is_empty() {
            settled.push(field);
        } else if !matches!(field, Field::CardStatus | Field::Extinfos) && exists {
            if !known {
                open.push(Open::Say(field));
            } else if !same_place {
                open.push(Open::Vary(field));
            }
        }
    }
    (settled, open)
}

/// What a layout takes for a field: where it stands, and what it holds.
#[derive(PartialEq, Eq)]
struct Reading {
    value: Option<Vec<u8>>,
    /// Where it stands, and whether it is the low half of a byte.
    place: Option<(usize, bool)>,
}

impl Reading {
    fn of(user_data: &UserData<'_>, field: Field) -> Self {
        let low = user_data
            .layout()
            .items()
            .iter()
            .any(|item| item.field == field && item.kind == Kind::Low);
        let place = user_data.position(field).map(|position| (position, low));
        let number = match field {
            Field::CardType => user_data.card_type().map(|number| vec![number.get()]),
            _ => None,
        };
        let bytes = || user_data.raw(field).map(|bytes| bytes.into_inner().to_vec());
        Self { value: number.or_else(bytes), place }
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
