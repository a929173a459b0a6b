//! Where the blocks of a user data begin, and what stands in them. See [`Plan`].

use super::{UserDataError, UserDataReason};
use crate::campus::field::{Field, decimal};
use crate::campus::layout::{FieldKind, Layout, MAX_FIELDS, Place, Plan};

/// Where each block begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Blocks([u16; BLOCKS]);

impl Blocks {
    /// Finds where each block begins. Gives where the last one ends, or `None` if the bytes end
    /// before that can be told.
    #[inline]
    pub(super) fn find(&mut self, plan: &Plan, bytes: &[u8]) -> Option<usize> {
        let mut end = 0;
        for (before, next) in plan.before.iter().zip(&mut self.0[1..]).take(plan.vars.into()) {
            let at = end + usize::from(*before);
            end = at + 1 + usize::from(*bytes.get(at)?);
            // It is less than the greatest length and a Vars.
            *next = end as u16;
        }
        Some(end + usize::from(plan.after))
    }

    /// Where a field begins, with the length byte of a Vars.
    #[inline]
    fn start(&self, place: &Place) -> usize {
        usize::from(self.0[usize::from(place.block)]) + usize::from(place.offset)
    }

    /// Where a field begins, without the length byte of a Vars.
    pub(super) fn contents_start(&self, place: &Place) -> usize {
        self.start(place) + usize::from(place.kind == FieldKind::Vars)
    }

    /// The bytes of a field, without the length byte of a Vars.
    pub(super) fn contents<'a>(&self, place: &Place, bytes: &'a [u8]) -> &'a [u8] {
        let start = self.contents_start(place);
        let end = match place.kind {
            FieldKind::Vars => usize::from(self.0[usize::from(place.block) + 1]),
            FieldKind::Low => start + 1,
            kind => start + usize::from(kind.fixed_size()),
        };
        // The plan has been carried out, so they are there.
        bytes.get(start..end).unwrap_or_default()
    }

    /// The number that a field is, if it can be one. The fast way for the usual kind.
    #[inline]
    pub(super) fn long(&self, place: &Place, bytes: &[u8]) -> Option<u64> {
        match place.kind {
            FieldKind::U64 => {
                let start = self.start(place);
                let bytes = bytes.get(start..start + size_of::<u64>())?;
                bytes.try_into().ok().map(u64::from_be_bytes)
            }
            _ => self.number(place, bytes),
        }
    }

    /// The number at `place`, if it is below 256.
    #[inline]
    pub(super) fn short(&self, place: &Place, bytes: &[u8]) -> Option<u8> {
        match place.kind {
            FieldKind::Byte => bytes.get(self.start(place)).copied(),
            _ => self.number(place, bytes)?.try_into().ok(),
        }
    }

    /// What is said of a number that it is not.
    #[cold]
    pub(super) fn out_of_range(&self, layout: &Layout, field: Field) -> UserDataError {
        let position = layout.plan().place(field).map_or(0, |place| self.contents_start(place));
        let expected = match field {
            Field::CardType => "a number from 0 to 15",
            _ => "a number of ten digits",
        };
        UserDataError::at(layout, Some(field), position, UserDataReason::OutOfRange(expected))
    }

    /// The number in the bytes of a field: in decimal if they are ASCII digits, else big-endian.
    ///
    /// Not specified: the spec writes a card's type `00, 01 … 15` and calls a school's number a
    /// long. One cannot be taken for the other where the number is in its range: as a card's type a
    /// digit would be above 15, and the eight bytes of a school's number begin with zeros.
    #[cold]
    fn number(&self, place: &Place, bytes: &[u8]) -> Option<u64> {
        let contents = self.contents(place, bytes);
        match (place.kind, contents) {
            (FieldKind::High, [byte]) => Some(u64::from(byte >> 4)),
            (FieldKind::Low, [byte]) => Some(u64::from(byte & 0xf)),
            (_, []) => None,
            _ => decimal(contents).or_else(|| {
                let zeros = contents.iter().take_while(|byte| **byte == 0).count();
                let big_endian = |number, byte: &u8| number << 8 | u64::from(*byte);
                let fits = contents.len() - zeros <= size_of::<u64>();
                fits.then(|| contents.iter().fold(0, big_endian))
            }),
        }
    }
}

/// One for the Vars of each field that can be one, and one for what stands behind the last.
const BLOCKS: usize = MAX_FIELDS + 1;
