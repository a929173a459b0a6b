//! The phone books (TS 27.007, 7.1 and 8.11 to 8.14). They are empty and stay so.

use super::Modem;
use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};

impl Modem {
    pub(super) fn phone_book(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let test = match call.name.as_str() {
            "+CPBS" => format!("+CPBS: (\"{}\")", BOOKS.join("\",\"")),
            "+CPBR" => format!("+CPBR: (1-{PLACES}),{DIGITS},{LETTERS}"),
            "+CPBF" => format!("+CPBF: {DIGITS},{LETTERS}"),
            "+CPBW" => format!("+CPBW: (1-{PLACES}),{DIGITS},(129,145),{LETTERS}"),
            "+CNUM" => String::new(),
            _ => return None,
        };
        Some(match &call.form {
            Form::Test if test.is_empty() => Reply::ok(),
            Form::Test => Reply::text(test),
            form => self.card().and_then(|()| self.empty_book(&call.name, form)),
        })
    }

    fn empty_book(&mut self, name: &str, form: &Form<'_>) -> Outcome {
        match (name, form) {
            ("+CPBS", Form::Read) => {
                Reply::text(format!("+CPBS: \"{}\",0,{PLACES}", BOOKS[self.book]))
            }
            ("+CPBS", Form::Set(values)) => match values.as_slice() {
                [name] => {
                    let found = BOOKS.iter().position(|book| book == name);
                    self.book = found.ok_or(Failure::INVALID_PARAMETER)?;
                    Reply::ok()
                }
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+CPBR", Form::Set(places)) => {
                let there =
                    |place: &&str| place.parse().is_ok_and(|place| (1..=PLACES).contains(&place));
                if places.iter().all(there) { Reply::ok() } else { Err(Failure::INVALID_INDEX) }
            }
            ("+CPBF", Form::Set(_)) => Err(Failure::NOT_FOUND),
            ("+CPBW", Form::Set(_)) => Err(Failure::NOT_ALLOWED),
            ("+CNUM", Form::Execute) => Reply::ok(),
            _ => Err(Failure::NOT_SUPPORTED),
        }
    }
}

/// TS 27.007, 8.11: of the card, the module, both, one's own numbers, and the calls.
const BOOKS: [&str; 7] = ["SM", "ME", "MT", "ON", "DC", "RC", "MC"];
/// Not specified; chosen as many cards have them.
const PLACES: u16 = 250;
const DIGITS: u8 = 40;
const LETTERS: u8 = 14;
