//! The layouts that the probe tries.

use crate::campus::field::Field;
use crate::campus::layout::{Envelope, FieldKind, Layout, LayoutItem};
use crate::campus::template::Template;

/// Every layout that could be that of a template, in every envelope.
///
/// The spec gives only the names and the order of the fields. So the layouts are with and without
/// `identify_id`, `extinfos` and the student; with `card_type` and `card_status` as bytes, as the
/// halves of a byte, as two digits each and as Vars; and with every exchange of fields of one kind.
/// The spec's own order comes first.
///
/// `extinfos` is always the last field. It is empty, a zero byte: in another place it could be any
/// other zero, such as a `card_status`, and no capture could tell the two apart.
pub(super) fn rivals(template: Template) -> impl Iterator<Item = Layout> {
    Envelope::ALL.into_iter().flat_map(move |envelope| {
        orders().into_iter().filter_map(move |items| {
            let builder = Layout::builder(template).envelope(envelope);
            let builder = items
                .into_iter()
                .fold(builder, |builder, item| builder.field(item.field, item.kind));
            // All of them are valid.
            builder.build().ok()
        })
    })
}

fn orders() -> Vec<Vec<LayoutItem>> {
    let mut orders = Vec::new();
    for student in [&[Field::StudentNo, Field::StudentName][..], &[Field::StudentNo], &[]] {
        for extinfos in [&[Field::Extinfos][..], &[]] {
            for identify_id in [&[Field::IdentifyId][..], &[]] {
                for texts in permutations(&[identify_id, student].concat()) {
                    let (front, back) = texts.split_at(identify_id.len());
                    let back = [back, extinfos].concat();
                    orders.extend(CARD.iter().flat_map(|kinds| cards(front, *kinds, &back)));
                }
            }
        }
    }
    orders
}

/// The card's type and status between some texts, in both orders.
fn cards(front: &[Field], kinds: [FieldKind; 2], back: &[Field]) -> [Vec<LayoutItem>; 2] {
    let text = |field: &Field| LayoutItem { field: *field, kind: FieldKind::Vars };
    [[Field::CardType, Field::CardStatus], [Field::CardStatus, Field::CardType]].map(|fields| {
        let card = fields.into_iter().zip(kinds).map(|(field, kind)| LayoutItem { field, kind });
        std::iter::once(LayoutItem { field: Field::SchoolNo, kind: FieldKind::U64 })
            .chain(front.iter().map(text))
            .chain(card)
            .chain(back.iter().map(text))
            .collect()
    })
}

/// Every order of these, the given one first.
fn permutations(fields: &[Field]) -> Vec<Vec<Field>> {
    if fields.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |index: usize| {
        let mut rest = fields.to_vec();
        let first = rest.remove(index);
        permutations(&rest).into_iter().map(move |rest| [&[first], &rest[..]].concat())
    };
    (0..fields.len()).flat_map(with_first).collect()
}

/// How the card's type and status may be written.
const CARD: [[FieldKind; 2]; 4] = [
    [FieldKind::Byte, FieldKind::Byte],
    [FieldKind::High, FieldKind::Low],
    [FieldKind::Digits(2), FieldKind::Digits(2)],
    [FieldKind::Vars, FieldKind::Vars],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_is_valid_and_none_comes_twice() {
        let all: Vec<_> = rivals(Template::FIVE).collect();
        assert_eq!(all.len(), orders().len() * Envelope::ALL.len());
        assert_eq!(orders().len(), 26 * 2 * 4);
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{}", one.summary());
        }
    }

    #[test]
    fn the_built_in_ones_are_among_them() {
        for layout in [Layout::TEMPLATE_4, Layout::TEMPLATE_5] {
            assert!(rivals(layout.template()).any(|rival| rival == layout));
        }
    }
}
