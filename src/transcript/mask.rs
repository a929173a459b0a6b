//! [`mask`]: lines without their secrets.

use std::iter;
use std::ops::Range;

use crate::alipay::firmware::{URCS, VERBS};
use crate::at::command::{self, Form, Spoken};
use crate::at::result::{Explanation, FinalResult};
use crate::at::syntax::{self, View};
use crate::at::verb::{self, PlainAnswer, PlainArgument, Verb};

/// The line with each character of its secrets replaced by another, and with its line end. So a
/// transcript still replays, and lengths still fit.
///
/// Everything is replaced that is not known to be harmless: arguments of commands that may hold a
/// key, a payment code or a password, signed data, and every line that is not recognised, since it
/// may be a damaged echo. The entry of each verb says what is harmless ([`Verb`]). Digits become
/// `0`, anything else `x`; quotes and line ends stay.
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
    if command::body(text).is_some() {
        mask_commands(&line[begin..end], text);
    } else {
        mask_answer(text);
    }
    masked
}

/// Hides all of a command line but what is known to be harmless.
fn mask_commands(line: &[u8], masked: &mut [u8]) {
    hide(masked);
    let mut show = |span: Range<usize>| masked[span.clone()].copy_from_slice(&line[span]);
    show(0.."AT".len());
    let commands: Vec<Spoken<'_>> = command::read(line, VERBS).collect();
    let ends = commands.iter().map(|spoken| spoken.args_at.end);
    let begins = commands.iter().map(|spoken| spoken.name_at.start);
    for (end, begin) in iter::once(0).chain(ends).zip(begins.chain([line.len()])) {
        (end..begin).filter(|at| line[*at] == b';').for_each(|at| show(at..at + 1));
    }
    for (index, spoken) in commands.iter().enumerate() {
        let begin = spoken.name_at.start;
        if is_basic(spoken) {
            let behind = commands[index + 1..].iter().find(|next| !is_basic(next));
            let before = commands[..index].iter().rfind(|before| !is_basic(before));
            let run = before.map_or("AT".len(), |before| before.args_at.end)
                ..behind.map_or(line.len(), |behind| behind.name_at.start);
            // A longer one is not a command, or has lost its sign. A dialled number is personal
            // data.
            if spoken.is("D") {
                show(spoken.name_at.clone());
            } else if run.len() <= BASIC {
                show(begin..spoken.args_at.end);
            }
            continue;
        }
        show(begin..begin + shown_of_name(spoken, &line[spoken.name_at.clone()]));
        show(spoken.name_at.end..spoken.args_at.start);
        for (place, span) in command::argument_spans(spoken.args).enumerate() {
            let span = spoken.args_at.start + span.start..spoken.args_at.start + span.end;
            if place > 0 {
                show(span.start - 1..span.start);
            }
            if is_plain(spoken.verb, place, &line[span.clone()]) {
                show(span);
            }
        }
    }
}

fn is_basic(spoken: &Spoken<'_>) -> bool {
    matches!(spoken.name.first(), Some(b'&' | b'A'..=b'Z'))
}

/// How much of a name is shown, blanks and all. A name that is in no table and has nothing after it
/// may have lost its sign.
fn shown_of_name(spoken: &Spoken<'_>, written: &[u8]) -> usize {
    let longest = match spoken.verb {
        Some(verb) if !verb.family => return written.len(),
        Some(family) => family.name.len(),
        None if spoken.form == Form::Execute => 1 + NAME,
        None => written.len(),
    };
    1 + count(&written[1..longest.min(written.len())], |byte| byte.is_ascii_alphabetic())
}

/// Whether the argument is one that is no secret. Damage may have moved another argument to its
/// place.
fn is_plain(verb: Option<&Verb>, place: usize, argument: &[u8]) -> bool {
    let plain = |argument: &PlainArgument| match *argument {
        PlainArgument::Number(at) => (at == place).then_some(NUMBER),
        PlainArgument::Text(at) => (at == place).then_some(usize::MAX),
        PlainArgument::Time(at) => (at == place).then_some(NUMBER + 2),
    };
    match verb.and_then(|verb| verb.plain_arguments.iter().find_map(plain)) {
        None => false,
        Some(usize::MAX) => true,
        Some(longest) => {
            let number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'"');
            argument.len() <= longest && argument.iter().all(number)
        }
    }
}

/// Shows only the documented part of an answer: the rest may be another line whose beginning was
/// lost.
fn mask_answer(line: &mut [u8]) {
    let keep = match View::of(line) {
        View::Final(FinalResult::Cme(Explanation::Text(_)))
        | View::Final(FinalResult::Cms(Explanation::Text(_))) => b"+CME ERROR:".len(),
        View::Final(FinalResult::Connect) => b"CONNECT".len(),
        View::Final(_) => line.len(),
        View::Prefixed { prefix, args } => {
            let known = verb::find(VERBS, prefix).filter(|verb| !verb.family);
            let plain = known.map_or(PlainAnswer::Nothing, |verb| verb.plain_answer);
            line.len() - args.len() + plain_part(plain, args)
        }
        view if URCS.iter().any(|urc| urc.matches(&view)) => line.len(),
        View::Text(text) => kept_of_text(text),
    };
    hide(&mut line[keep..]);
}

/// How much of the parameters of an answer is known to be harmless.
fn plain_part(plain: PlainAnswer, args: &[u8]) -> usize {
    let mut digits = 0;
    let mut short = |byte: u8| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits <= DIGITS
    };
    match plain {
        PlainAnswer::Nothing => 0,
        PlainAnswer::Head(longest) => {
            let open = |byte: u8| byte.is_ascii_digit() || matches!(byte, b',' | b' ' | b'-');
            count(args, open).min(longest)
        }
        PlainAnswer::Identifier(longest) => count(args, |byte| byte != b'=').min(longest),
        PlainAnswer::Numbers(longest) => {
            let open = |byte: u8| {
                short(byte)
                    && matches!(byte, b'0'..=b'9' | b'A'..=b'F' | b'"' | b',' | b' ' | b'-' | b'/' | b':' | b'+')
            };
            count(args, open).min(longest)
        }
        PlainAnswer::Words(longest) => {
            let open = |byte: u8| {
                short(byte)
                    && (byte.is_ascii_digit()
                        || byte.is_ascii_uppercase()
                        || b" -_".contains(&byte))
            };
            count(args, open).min(longest)
        }
    }
}

/// How much of a line of text is known to be harmless.
fn kept_of_text(text: &[u8]) -> usize {
    let ends = |verb: &Verb| verb.last_line.filter(|last| text.starts_with(last.as_bytes()));
    if let Some(last) = VERBS.iter().copied().flatten().find_map(ends) {
        return last.len();
    }
    if let Some((_, longest)) = TEXTS.iter().find(|(known, _)| text.starts_with(known.as_bytes())) {
        return count(text, |byte| byte != b'=').min(*longest);
    }
    // AT+ALIPAYCFG?: "key": value
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return 0 };
    let (key, value) = text.split_at(colon + 1);
    let is = |name: &&str| syntax::find(key, name.as_bytes()).is_some();
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

/// How many of the first bytes satisfy `so`.
fn count(bytes: &[u8], mut so: impl FnMut(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| so(**byte)).count()
}

fn hide(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'"' | b' ' | b'\r' | b'\n')) {
        *byte = if byte.is_ascii_digit() { b'0' } else { b'x' };
    }
}

/// How lines of text begin that hold no secrets, and how long they are: ATI.
const TEXTS: &[(&str, usize)] = &[("Quectel_", 16), ("Revision: ", 32)];

/// The longest name that is shown of a command with nothing after it, such as `CGSN`: a longer one
/// may have lost its sign.
const NAME: usize = 5;

/// The most bytes of basic commands in a row that are shown, such as `Q0V1E0`.
const BASIC: usize = 8;

/// The most digits in a row in an answer, as in `+IPR: 115200`.
const DIGITS: usize = 6;

/// The longest number that is shown; a payment code has more digits, also when one of them was
/// replaced by a comma.
const NUMBER: usize = 8;

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
