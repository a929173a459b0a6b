//! The file of a layout.

use proptest::prelude::*;

use crate::any;
use support::campus::check_text;

/// The words of the format, and some that are not.
const WORDS: [&str; 30] = [
    "layout",
    "1",
    "2",
    "template",
    "5",
    "standing",
    "proven",
    "provisional",
    "envelope",
    "bare",
    "length",
    "template+length",
    "school_no",
    "identify_id",
    "card_type",
    "card_status",
    "student_no",
    "student_name",
    "extinfos",
    "reserved",
    "u64",
    "vars",
    "byte",
    "bytes",
    "digits",
    "high",
    "low",
    "0",
    "256",
    "#",
];

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(layout in any::layout()) {
        prop_assert_eq!(layout.to_string().parse(), Ok(layout));
    }

    #[test]
    fn any_text_is_a_layout_or_an_error(text in any::<String>()) {
        check_text(&text);
    }

    #[test]
    fn any_words_are_a_layout_or_an_error(
        words in proptest::collection::vec(
            (proptest::sample::select(&WORDS[..]), proptest::sample::select(&[" ", "\n", "\t\r\n"][..])),
            0..60,
        ),
        head in any::<bool>(),
    ) {
        let words: String = words.iter().map(|(word, blank)| format!("{word}{blank}")).collect();
        check_text(&if head { format!("layout 1\ntemplate 5\n{words}") } else { words });
    }

    #[test]
    fn a_layout_with_a_change_is_a_layout_or_an_error(
        layout in any::layout(),
        at in any::<proptest::sample::Index>(),
        change in "\\PC|\n|",
    ) {
        let mut text: Vec<char> = layout.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, change.chars());
        check_text(&text.into_iter().collect::<String>());
    }
}
