//! A layout, made ready for reading.
//!
//! Only a Vars has a length that the layout does not know. So a user data is a few *blocks*, each
//! of some bytes of fixed size and the Vars behind them, and a rest of fixed size. To read one
//! means to find where each block begins; a field then stands at a fixed offset in its block.

use super::{Envelope, FieldKind, Items, MAX_FIELDS};
use crate::campus::field::Field;

/// Where everything stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::campus) struct Plan {
    /// How many bytes of fixed size stand in front of each Vars, the envelope among them.
    pub(in crate::campus) before: [u16; MAX_FIELDS],
    /// How many Vars there are.
    pub(in crate::campus) vars: u8,
    /// How many bytes of fixed size stand behind the last Vars.
    pub(in crate::campus) after: u16,
    /// Whether there are digits to be checked.
    pub(in crate::campus) digits: bool,
    /// Where each of the spec's fields stands, by its place in [`Field::NAMED`].
    places: [Option<Place>; Field::NAMED.len()],
}

/// Where a field stands, and how it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::campus) struct Place {
    /// The block.
    pub(in crate::campus) block: u8,
    /// How far behind the beginning of the block.
    pub(in crate::campus) offset: u16,
    /// How it is written.
    pub(in crate::campus) kind: FieldKind,
}

impl Plan {
    pub(super) const fn new(envelope: Envelope, items: &Items) -> Self {
        let mut plan = Self {
            before: [0; MAX_FIELDS],
            vars: 0,
            after: 0,
            digits: false,
            places: [None; Field::NAMED.len()],
        };
        let mut offset = envelope.size() as u16;
        let mut index = 0;
        while index < items.count as usize {
            let item = items.all[index];
            // The low half of a byte stands where the high half does.
            let start = if matches!(item.kind, FieldKind::Low) { offset - 1 } else { offset };
            if !matches!(item.field, Field::Reserved) {
                let place = Place { block: plan.vars, offset: start, kind: item.kind };
                plan.places[item.field as usize] = Some(place);
            }
            match item.kind {
                FieldKind::Vars => {
                    plan.before[plan.vars as usize] = offset;
                    plan.vars += 1;
                    offset = 0;
                }
                FieldKind::Digits(count) => {
                    plan.digits = true;
                    offset += count as u16;
                }
                kind => offset += kind.fixed_size(),
            }
            index += 1;
        }
        plan.after = offset;
        plan
    }

    /// Where the field stands, if the layout has it. One that the spec does not name is not found.
    #[inline]
    pub(in crate::campus) fn place(&self, field: Field) -> Option<&Place> {
        self.places.get(field as usize)?.as_ref()
    }
}
