//! Campus codes, as they are scanned, and what a decoder says of them.

use m26_pay::campus::charset::{Charset, Encoding};
use m26_pay::campus::decoder::{Code, Decoder, Pid, Purpose, ResultCode, ReturnValue, Verdict};
use m26_pay::campus::fake::{FakeCode, FakeDecoder};
use m26_pay::campus::template::Template;
use m26_pay::unix_time::UnixMillis;

use super::source::{Source, assert_hidden, unfold};

/// Any bytes are a code or none, no code and no answer shows itself, what was put into a made-up
/// code comes out of it, and a text is decoded up to where it is none.
///
/// Eight bytes of a time, then bytes.
pub fn code(data: &[u8]) {
    let mut source = Source::new(data);
    let time = source.take(8).iter().fold(0, |time, byte| time << 8 | u64::from(*byte));
    let bytes = unfold(source.rest());
    scanned(&bytes, time);
    made_up(&bytes, time);
    verdict(&bytes, time);
    [Charset::Gb18030, Charset::Utf8].iter().for_each(|charset| text(*charset, &bytes));
}

fn scanned(bytes: &[u8], time: u64) {
    let code = match Code::new(bytes) {
        Ok(code) => code,
        Err(error) => {
            assert!(bytes.is_empty() || bytes.len() > Code::MAX_LENGTH);
            return assert_hidden(&format!("{error} {error:?}"));
        }
    };
    assert_eq!(code.expose(), bytes);
    assert_hidden(&format!("{code:?} {:?}", code.suspicion()));
    let decoder = FakeDecoder::new(|| UnixMillis::from_unsigned(time));
    for purpose in [Purpose::Gate { pid: None }, Purpose::Withholding { pid: Pid([7; 8]) }] {
        match decoder.decode(&code, purpose) {
            Ok(decoded) => assert_hidden(&format!("{decoded:?}")),
            Err(error) => assert_hidden(&format!("{error} {error:?}")),
        }
    }
}

fn made_up(bytes: &[u8], time: u64) {
    let made = FakeCode::new(UnixMillis::from_unsigned(time))
        .user_data(bytes)
        .template(Template(time as u32))
        .data_encode_type(Encoding((time >> 32) as u32));
    let Ok(code) = made.encode() else { return };
    let decoder = FakeDecoder::new(|| UnixMillis::from_unsigned(time));
    let decoded = decoder.decode(&code, Purpose::Gate { pid: None }).unwrap();
    assert_eq!(decoded.user_data.expose(), bytes);
    assert_eq!(decoded.in_use_time, UnixMillis::from_unsigned(time));
    assert_eq!(
        (decoded.template.0, decoded.data_encode_type.0),
        (time as u32, (time >> 32) as u32)
    );
}

fn verdict(bytes: &[u8], time: u64) {
    let result = ResultCode::new(bytes);
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    assert_eq!(result.expose(), &bytes[..end.min(ResultCode::MAX_LENGTH)]);
    let verdict = Verdict { result: Some(result), return_value: Some(ReturnValue(time as i32)) };
    assert!(!(verdict.is_success() && verdict.is_contradictory()));
    assert!(!verdict.is_success() || &bytes[..end] == b"SUCCESS" || end > ResultCode::MAX_LENGTH);
    let shown = format!("{verdict} {verdict:?} {}", verdict.advice());
    assert!(shown.is_ascii());
    assert_hidden(&shown);
}

fn text(charset: Charset, bytes: &[u8]) {
    match charset.decode(bytes) {
        Ok(text) => assert!(
            charset
                .encode(&text)
                .is_none_or(|again| { charset.decode(&again).is_ok_and(|same| same == text) })
        ),
        Err(error) => {
            assert!(error.position < bytes.len());
            assert!(charset.decode(&bytes[..error.position]).is_ok());
            assert_hidden(&format!("{error} {error:?}"));
        }
    }
}
