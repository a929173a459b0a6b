//! Campus user data: template 5, 46 bytes.

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::field::Field;
use m26_pay::campus::layout::{Card, Layout};
use m26_pay::campus::user_data::UserData;

use crate::Seen;

/// So many, one behind the other.
pub fn user_data(count: usize) -> Vec<u8> {
    let bytes = Layout::TEMPLATE_5.encode(&Card::sample(), ENCODING).expect("it has room");
    assert_eq!(bytes.len(), 46);
    bytes.repeat(count)
}

/// Checks a user data as a whole, and looks at the numbers in it.
pub fn read(bytes: &[u8], seen: &mut Seen) {
    let Ok(data) = UserData::parse(&Layout::TEMPLATE_5, ENCODING, bytes) else { return };
    look(&data, seen);
}

/// As [`read`], and also looks at every other field.
pub fn read_fields(bytes: &[u8], seen: &mut Seen) {
    let Ok(data) = UserData::parse(&Layout::TEMPLATE_5, ENCODING, bytes) else { return };
    look(&data, seen);
    let fields = [
        data.identify_id(),
        data.card_status(),
        data.student_no(),
        data.raw(Field::StudentName),
        data.extinfos(),
    ];
    seen.fields += fields.into_iter().flatten().map(|bytes| bytes.expose().len()).sum::<usize>();
}

fn look(data: &UserData<'_>, seen: &mut Seen) {
    if let (Some(school_no), Some(_)) = (data.school_no(), data.card_type()) {
        seen.school_no += school_no.get();
    }
}

/// What the numbers are of so many.
pub fn numbers(count: usize) -> Seen {
    Seen { school_no: count as u64 * Card::sample().school_no.get(), ..Seen::default() }
}

/// As [`numbers`], with the lengths of the other fields.
pub fn fields(count: usize) -> Seen {
    let card = Card::sample();
    // Three characters of the name take two bytes each, and the status is one.
    let length = card.identify_id.len() + 1 + card.student_no.len() + 3 * 2 + card.extinfos.len();
    Seen { fields: count * length, ..numbers(count) }
}

const ENCODING: Encoding = Encoding::GB2312;
