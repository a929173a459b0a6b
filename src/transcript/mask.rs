//! Lines without their secrets.

use crate::alipay::firmware::URCS;
use crate::at::result::{Explanation, FinalResult};
use crate::at::syntax::View;

/// The line with its secrets replaced by as many other characters, line ends and all, so that a
/// transcript still replays and lengths still fit.
///
/// What is not known to be harmless is replaced: arguments of commands that may hold a key, a
/// payment code or a password, signed data, and every line that is not recognised, since it may
/// be a damaged echo. Digits become `0`, anything else `x`; quotes and line ends stay.
///
/// ```
/// use m26_pay::transcript::mask;
/// assert_eq!(mask(b"AT+ALIPAYSIGN=1,\"2812345\",\"10.25\"\r"), b"AT+ALIPAYSIGN=1,\"0000000\",\"10.25\"\r");
/// assert_eq!(mask(b"+CSQ: 11,0\r\n"), b"+CSQ: 11,0\r\n");
/// assert_eq!(mask(b"\"product_key\": \"key1\"\r\n"), b"\"product_key\": \"xxx0\"\r\n");
/// assert_eq!(mask(b"LIPAYCFG=\"key1\"\r\n"), b"xxxxxxxxx\"xxx0\"\r\n");
/// ```
#[must_use]
pub fn mask(line: &[u8]) -> Vec<u8> {
    let mut masked = line.to_vec();
    let idle = |byte: &u8| matches!(byte, b'\r' | b'\n' | b' ' | 0);
    let end = line.iter().rposition(|byte| !idle(byte)).map_or(0, |at| at + 1);
    let begin = line.iter().take_while(|byte| idle(byte)).count().min(end);
    let text = &mut masked[begin..end];
    if text.get(..2).is_some_and(|at| at.eq_ignore_ascii_case(b"AT")) {
        mask_command(text);
    } else {
        mask_answer(text);
    }
    masked
}

/// Each command of the line behind its AT, `;` between them.
fn mask_command(line: &mut [u8]) {
    let mut quoted = false;
    for command in line[b"AT".len()..].split_mut(|byte| {
        quoted ^= *byte == b'"';
        *byte == b';' && !quoted
    }) {
        let equals = command.iter().position(|byte| *byte == b'=').unwrap_or(command.len());
        let all = command.len();
        let (name, args) = command.split_at_mut(equals);
        if let Some(args) = args.get_mut(1..).filter(|args| *args != b"?") {
            mask_arguments(name, args);
        }
        // A name that is none has lost the sign behind it.
        let open = match name.strip_prefix(b"+") {
            Some(name) => {
                let letters = count(name, |byte| byte.is_ascii_alphabetic());
                let whole = matches!(name.get(letters), Some(b'?')) || equals < all;
                let known = name.get(..6).is_some_and(|own| own.eq_ignore_ascii_case(b"ALIPAY"));
                1 + if whole || known { letters } else { letters.min(NAME) }
            }
            None if name.len() <= BASIC => name.len(),
            None => 0,
        };
        let read = name.get(open..) == Some(b"?");
        hide(&mut name[if read { open + 1 } else { open }..]);
    }
}

fn mask_arguments(name: &[u8], args: &mut [u8]) {
    let open = COMMANDS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
    let open = open.map_or(&[][..], |(_, open)| open);
    let mut quoted = false;
    let fields = args.split_mut(|byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    });
    for (index, field) in fields.enumerate() {
        // Damage may have put another argument in this place.
        let server = name.to_ascii_uppercase().starts_with(b"+QNT");
        let longest = if index == TIME_STAMP { NUMBER + 2 } else { NUMBER };
        let fits = field.len() <= longest
            && field.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'"'));
        if !open.contains(&index) || !(fits || server) {
            hide(field);
        }
    }
}

/// Only as much is shown as the answer needs: what follows may be another line, whose beginning
/// was lost.
fn mask_answer(line: &mut [u8]) {
    let keep = match View::of(line) {
        View::Final(FinalResult::Cme(Explanation::Text(_)))
        | View::Final(FinalResult::Cms(Explanation::Text(_))) => b"+CME ERROR:".len(),
        View::Final(FinalResult::Connect) => b"CONNECT".len(),
        View::Final(_) => line.len(),
        View::Prefixed { prefix: b"+ALIPAYSIGN", args } => {
            // The result and the length.
            let open = |byte: u8| byte.is_ascii_digit() || matches!(byte, b',' | b' ' | b'-');
            line.len() - args.len() + count(args, open).min(SIGN_HEAD)
        }
        View::Prefixed { prefix, args } => {
            let known = ANSWERS.iter().find(|(known, _)| known.as_bytes() == prefix);
            let (id, word) = (prefix == b"+ALIPAYDID", prefix == b"+CPIN");
            let mut digits = 0;
            let open = |byte: u8| {
                digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
                match byte {
                    _ if id => byte != b'=',
                    b'0'..=b'9' => digits <= DIGITS,
                    _ if word => byte.is_ascii_uppercase() || b" -_".contains(&byte),
                    b'A'..=b'F' => true,
                    _ => b"\", -/:+".contains(&byte),
                }
            };
            let open = known.map_or(0, |(_, longest)| count(args, open).min(*longest));
            line.len() - args.len() + open
        }
        view if URCS.iter().any(|urc| urc.matches(&view)) => line.len(),
        View::Text(text) => kept_of_text(text),
    };
    hide(&mut line[keep..]);
}

/// How much of a line of text is known to be harmless.
fn kept_of_text(text: &[u8]) -> usize {
    if let Some((_, longest)) = TEXTS.iter().find(|(known, _)| text.starts_with(known.as_bytes())) {
        return count(text, |byte| byte != b'=').min(*longest);
    }
    // AT+ALIPAYCFG?: "key": value
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return 0 };
    let (key, value) = text.split_at(colon + 1);
    let is = |name: &&str| memchr::memmem::find(key, name.as_bytes()).is_some();
    if is(&"\"product_key\"") {
        return key.len();
    }
    if !CONFIG_KEYS.iter().any(&is) {
        return 0;
    }
    let blanks = count(value, |byte| byte == b' ');
    let value = &value[blanks..];
    let length = match value.strip_prefix(b"\"") {
        Some(text) => (count(text, |byte| byte != b'"') + 2).min(value.len()),
        None => count(value, |byte| byte.is_ascii_digit() || byte == b'-').min(NUMBER),
    };
    key.len() + blanks + length
}

/// How many of the first bytes are so.
fn count(bytes: &[u8], mut so: impl FnMut(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| so(**byte)).count()
}

fn hide(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'"' | b' ' | b'\r' | b'\n')) {
        *byte = if byte.is_ascii_digit() { b'0' } else { b'x' };
    }
}

/// The commands of which some arguments are no secrets, and which.
const COMMANDS: &[(&str, &[usize])] = &[
    ("+ALIPAYACT", &[0, 1]),
    ("+ALIPAYCFG", &[4]),
    ("+ALIPAYPINFO", &[0]),
    ("+ALIPAYREP", &[2, 3, 4, 5]),
    ("+ALIPAYSIGN", &[0, 2]),
    ("+CGREG", &[0]),
    ("+CMEE", &[0]),
    ("+CREG", &[0]),
    ("+IPR", &[0]),
    ("+QICSGP", &[0]),
    ("+QIFGCNT", &[0]),
    ("+QNTP", &[0, 1]),
    ("+QNTTP", &[0, 1]),
    ("+QPOWD", &[0]),
];

/// The prefixes behind which no secrets come, and how long an answer is at most.
const ANSWERS: &[(&str, usize)] = &[
    ("+ALIPAYACT", 2),
    ("+ALIPAYDID", 80),
    ("+ALIPAYOPEN", 2),
    ("+ALIPAYPINFO", 2),
    ("+ALIPAYREP", 6),
    ("+CCLK", 24),
    ("+CFUN", 1),
    ("+CGREG", 20),
    ("+CMEE", 1),
    ("+CPIN", 16),
    ("+CREG", 20),
    ("+CSQ", 6),
    ("+IFC", 4),
    ("+IPR", 7),
    ("+QNTP", 4),
    ("+QNTTP", 4),
];

/// How lines of text begin that hold no secrets, and how long they are: AT+ALIPAYSHUT and ATI.
const TEXTS: &[(&str, usize)] = &[("+ALIPAYSHUT OK", 14), ("Quectel_", 16), ("Revision: ", 32)];

/// The longest name that is shown of a command that nothing follows, such as `CGSN`: what is
/// longer may have lost the sign behind it.
const NAME: usize = 5;

/// The longest command without a `+` that is shown, such as `Q0V1E0`. A longer one dials.
const BASIC: usize = 8;

/// The most digits in a row in an answer, as in `+IPR: 115200`.
const DIGITS: usize = 6;

/// The longest number that is shown; a payment code has more digits, also when one of them was
/// replaced by a comma.
const NUMBER: usize = 8;

/// The place of the time stamp in AT+ALIPAYREP, which has ten digits.
const TIME_STAMP: usize = 5;

/// The result and the length of a signature.
const SIGN_HEAD: usize = 9;

/// The keys of AT+ALIPAYCFG? whose values are no secrets (spec 3.1; the first is printed with a
/// blank in its quotes).
const CONFIG_KEYS: &[&str] = &[
    "module_supplier_no\"",
    "\"device_supplier_no\"",
    "\"merchant_user_id\"",
    "\"item_id\"",
    "\"env\"",
    "\"terminal_id\"",
];
