//! The bytes that every parser gets.

/// Eight lines of a payment: the answer to a query, and the results of three commands of the SDK,
/// each behind its `OK`. Framed they are 524 bytes.
const LINES: [&str; 8] = ["+CSQ: 11,0", "OK", "OK", SIGNED, "OK", REPORTED, IDENTIFIED, "OK"];

/// Spec V1.0, chapter 4, without the page wraps and with the quote that the print lost before
/// `hardToken`: 369 bytes of data.
const SIGNED: &str = concat!(
    r#"+ALIPAYSIGN: 0,369,"{"terminalType":"IOT","#,
    r#""signature":"QIIAQ+7BtAVJiOID98oY8Cm7tY7uUGULYx4QCFItWtUwrhcB","#,
    r#""apdidToken":"JHRcvCf0ayAybxFkVeomX1-bYI7qvMvYwrmbrybKLep2ke4naAEAAA==","#,
    r#""hardToken":"","time":"1546890790","bizCode":"11000200040004000122","#,
    r#""bizTid":"010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw","#,
    r#""signedKeys":"authCode,totalAmount,apdidToken,hardToken,time,bizCode,bizTid"}""#,
);

const REPORTED: &str = "+ALIPAYREP: 0";

const IDENTIFIED: &str =
    "+ALIPAYDID: 0,\"010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw\"";

/// All of the lines, each with CRLF before and behind it.
pub fn reference() -> Vec<u8> {
    let bytes: Vec<u8> = LINES.iter().copied().flat_map(framed).collect();
    assert_eq!(bytes.len(), 524);
    bytes
}

/// As many times the longest of them.
pub fn signed() -> Vec<u8> {
    framed(SIGNED).repeat(LINES.len())
}

/// The longest line, already cut out, `count` times.
pub fn signed_lines(count: usize) -> Vec<u8> {
    SIGNED.as_bytes().repeat(count)
}

/// What a module says to AT+CSQ: the first two lines.
pub fn answer() -> Vec<u8> {
    let answer: Vec<u8> = LINES[..2].iter().copied().flat_map(framed).collect();
    assert_eq!(answer, SIGNAL);
    answer
}

/// [`answer`], for who must not allocate.
pub const SIGNAL: &[u8] = b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n";

/// The answer to AT+CSQ after the echo of the command.
pub fn echoed_answer() -> Vec<u8> {
    [b"AT+CSQ\r", &answer()[..]].concat()
}

/// One line of so many bytes.
pub fn unbroken(length: usize) -> Vec<u8> {
    framed(&"x".repeat(length))
}

fn framed(line: &str) -> Vec<u8> {
    format!("\r\n{line}\r\n").into_bytes()
}
