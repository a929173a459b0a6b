//! Lines without their secrets.

use crate::at::syntax::View;
use crate::urc::Urc;

/// The line with its secrets replaced by as many other characters, line ends and all, so that a
/// transcript still replays and lengths still fit.
///
/// What is not known to be harmless is replaced: arguments of commands that may hold a key, a
/// payment code or a password, signed data, and every line that is not recognised, since it may
/// be a damaged echo. Digits become `0`, anything else `x`; quotes stay.
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

/// Each command of the line, `;` between them.
fn mask_command(line: &mut [u8]) {
    let mut quoted = false;
    for command in line.split_mut(|byte| {
        quoted ^= *byte == b'"';
        *byte == b';' && !quoted
    }) {
        let Some(equals) = command.iter().position(|byte| *byte == b'=') else { continue };
        let (name, args) = command.split_at_mut(equals);
        let args = &mut args[1..];
        let name =
            name.iter().position(|byte| *byte == b'+').map_or(&b""[..], |plus| &name[plus..]);
        if args == b"?" {
            continue;
        }
        let open = COMMANDS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        let open = open.map_or(&[][..], |(_, open)| open);
        let mut quoted = false;
        let fields = args.split_mut(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        for (index, field) in fields.enumerate() {
            if !open.contains(&index) {
                hide(field);
            }
        }
    }
}

fn mask_answer(line: &mut [u8]) {
    let keep = match View::of(line) {
        View::Final(_) => line.len(),
        View::Prefixed { prefix: b"+ALIPAYSIGN", args } => {
            // The result and the length.
            let open = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b',' | b' ' | b'-');
            let head = args.iter().take_while(|byte| open(byte)).count();
            line.len() - args.len() + head
        }
        View::Prefixed { prefix, args } => {
            let known = ANSWERS.iter().any(|known| known.as_bytes() == prefix);
            if known { line.len() } else { line.len() - args.len() }
        }
        view if Urc::is_known(&view) => line.len(),
        View::Text(text) => kept_of_text(text),
    };
    hide(&mut line[keep..]);
}

/// How much of a line of text is known to be harmless.
fn kept_of_text(text: &[u8]) -> usize {
    if TEXTS.iter().any(|known| text.starts_with(known.as_bytes())) {
        return text.len();
    }
    // AT+ALIPAYCFG?: "key": value
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return 0 };
    let key = &text[..colon];
    let is = |name: &&str| memchr::memmem::find(key, name.as_bytes()).is_some();
    if CONFIG_KEYS.iter().any(&is) {
        text.len()
    } else if is(&"\"product_key\"") {
        colon + 1
    } else {
        0
    }
}

fn hide(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'"' | b' ')) {
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
    ("+QICSGP", &[0, 1]),
    ("+QIFGCNT", &[0]),
    ("+QNTP", &[0, 1]),
    ("+QNTTP", &[0, 1]),
    ("+QPOWD", &[0]),
];

/// The prefixes behind which no secrets come.
const ANSWERS: &[&str] = &[
    "+ALIPAYACT",
    "+ALIPAYDID",
    "+ALIPAYOPEN",
    "+ALIPAYPINFO",
    "+ALIPAYREP",
    "+CCLK",
    "+CFUN",
    "+CGREG",
    "+CMEE",
    "+CPIN",
    "+CREG",
    "+CSQ",
    "+IFC",
    "+IPR",
    "+QNTP",
    "+QNTTP",
];

/// How lines of text begin that hold no secrets: AT+ALIPAYSHUT and ATI.
const TEXTS: &[&str] = &["+ALIPAYSHUT OK", "Quectel_", "Revision: "];

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
