//! [`Plan`]: a layout, prepared for reading.
//!
//! Only a Vars has a length that the layout does not know. So user data is a few *blocks* and a rest of
//! fixed size. Each block is some bytes of fixed size and the Vars behind them. To read user data, find
//! where each block begins; a field has a fixed offset in its block.

use super::{Envelope, FieldKind, Items, MAX_FIELDS};
use crate::campus::field::Field;

/// Where everything is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::campus) struct Plan {
    /// How many bytes of fixed size are in front of each Vars, including the envelope.
    pub(in crate::campus) before: [u16; MAX_FIELDS],
    /// How many Vars there are.
    pub(in crate::campus) vars: u8,
    /// How many bytes of fixed size are behind the last Vars.
    pub(in crate::campus) after: u16,
    /// Whether there are digits to check.
    pub(in crate::campus) digits: bool,
    /// Where each of the spec's fields is, by its place in [`Field::NAMED`].
    places: [Option<Place>; Field::NAMED.len()],
}

/// Where a field is, and how it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::campus) struct Place {
    /// The block.
    pub(in crate::campus) block: u8,
    /// The offset from the beginning of the block.
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
            // The low half of a byte is where the high half is.
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

    /// Where the field is, if the layout has it. A field that the spec does not name is not found.
    #[inline]
    pub(in crate::campus) fn place(&self, field: Field) -> Option<&Place> {
        self.places.get(field as usize)?.as_ref()
    }
}
