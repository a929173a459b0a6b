//! at-commands reads the fields of a line, and has no splitter: it stands behind the one of
//! memchr. It is given one line after the other, as by a program that tries what it knows.

use at_commands::parser::CommandParser;

use crate::Seen;

/// The value of a line.
pub fn decode(line: &[u8], seen: &mut Seen) {
    let sign = CommandParser::parse(line)
        .expect_identifier(b"+ALIPAYSIGN:")
        .expect_int_parameter()
        .expect_int_parameter()
        // Its strings end at the first quote, and the data are full of them.
        .expect_raw_string()
        .finish();
    if let Ok((0, length, quoted)) = sign {
        let data = quoted.strip_prefix('"').and_then(|data| data.strip_suffix('"'));
        seen.signed_data += data.map(str::len).filter(|found| *found as i32 == length).unwrap_or(0);
        return;
    }
    let report = CommandParser::parse(line)
        .expect_identifier(b"+ALIPAYREP:")
        .expect_int_parameter()
        .finish();
    if let Ok((status,)) = report {
        seen.reported += usize::from(status == 0);
        return;
    }
    let device_id = CommandParser::parse(line)
        .expect_identifier(b"+ALIPAYDID:")
        .expect_int_parameter()
        .expect_string_parameter()
        .finish();
    if let Ok((0, biz_tid)) = device_id {
        seen.biz_tid += biz_tid.len();
    }
}
