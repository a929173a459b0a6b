//! The traffic of the line as text for people, without its secrets.

use std::fmt::{self, Write as _};
use std::path::Path;

/// Something that happens on the line. It holds the bytes unmasked: [`Tracer`] masks them.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Passing<'a> {
    /// The line has gone dead.
    HangUp,
    /// The line is back, and a client opens this.
    Restored(&'a Path),
    /// Bytes from the module to the host.
    ToHost(&'a [u8]),
    /// Bytes from the host to the module.
    ToModule(&'a [u8]),
}

/// Without the bytes, which may be secret.
impl fmt::Debug for Passing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HangUp => f.write_str("HangUp"),
            Self::Restored(path) => f.debug_tuple("Restored").field(path).finish(),
            Self::ToHost(bytes) => write!(f, "ToHost({} redacted)", bytes.len()),
            Self::ToModule(bytes) => write!(f, "ToModule({} redacted)", bytes.len()),
        }
    }
}

/// The direction of bytes.
#[derive(Clone, Copy)]
enum Direction {
    ToHost,
    ToModule,
}

/// Writes the traffic, one line per chunk. Each character of a secret becomes an asterisk.
///
/// Product keys, payment codes and signatures are masked, and so is whatever might be a damaged
/// one: quoted text and the arguments of any command that is not known to be harmless, and long
/// numbers. The chunks may be cut anywhere.
#[derive(Debug, Default)]
pub struct Tracer {
    to_host: Mask,
    to_module: Mask,
}

impl Tracer {
    /// What passes as a line of text, without a line end.
    pub fn line(&mut self, passing: Passing<'_>) -> String {
        match passing {
            Passing::HangUp => "-- the line is dead".into(),
            Passing::Restored(path) => format!("-- the line is back: {}", path.display()),
            Passing::ToHost(bytes) => masked("<- ", &mut self.to_host, Direction::ToHost, bytes),
            Passing::ToModule(bytes) => {
                masked("-> ", &mut self.to_module, Direction::ToModule, bytes)
            }
        }
    }
}

fn masked(arrow: &str, mask: &mut Mask, direction: Direction, bytes: &[u8]) -> String {
    let mut text = arrow.to_owned();
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let key = mask.known_key(rest);
        if key.is_empty() {
            let hidden = mask.hides(direction, byte);
            push_escaped(&mut text, if hidden { b'*' } else { byte });
            rest = after;
        } else {
            text.push_str(key);
            rest = &rest[key.len()..];
        }
    }
    text
}

/// Where in a line the trace is, and what of it may be shown.
#[derive(Debug, Default)]
struct Mask {
    /// The line up to its first mark of punctuation.
    name: String,
    named: bool,
    /// Whether the rest of the line may be shown as it is.
    harmless: bool,
    /// Whether everything but separators is hidden from here to the line's end.
    secret: bool,
    /// How many digits in a row there have been.
    digits: usize,
    last: u8,
}

impl Mask {
    /// One of the keys of AT+ALIPAYCFG?, with its colon, where a line begins with one.
    fn known_key(&mut self, rest: &[u8]) -> &'static str {
        if self.named || !self.name.is_empty() {
            return "";
        }
        let key = CONFIG_KEYS.iter().find(|key| rest.starts_with(key.as_bytes()));
        self.named = key.is_some();
        key.copied().unwrap_or_default()
    }

    fn hides(&mut self, direction: Direction, byte: u8) -> bool {
        let line_end = match direction {
            // A lone CR or LF may be damage inside a signature.
            Direction::ToHost => self.last == b'\r' && byte == b'\n',
            Direction::ToModule => byte == b'\r',
        };
        if line_end {
            *self = Self { last: byte, ..Self::default() };
            return false;
        }
        let last = std::mem::replace(&mut self.last, byte);
        if matches!(byte, b'\r' | b'\n') {
            return false;
        }
        let hidden = self.secret && !self.is_separator(last, byte);
        self.look_at(byte);
        hidden || (self.digits > SHOWN_DIGITS && !self.harmless)
    }

    fn is_separator(&self, last: u8, byte: u8) -> bool {
        matches!(byte, b'"' | b',') || (last == b'=' && byte == b'?')
    }

    fn look_at(&mut self, byte: u8) {
        self.digits = if byte.is_ascii_digit() { self.digits + 1 } else { 0 };
        if self.named {
            self.harmless &= byte != b';';
        } else if matches!(byte, b'=' | b':' | b'?' | b',' | b';' | b'"') {
            self.named = true;
            let name = self.name.to_ascii_uppercase();
            let name = name.trim_start_matches("AT").trim_end();
            self.harmless = HARMLESS.contains(&name);
        } else if self.name.len() < LONGEST_NAME {
            self.name.push(char::from(byte));
        }
        self.secret |= matches!(byte, b'=' | b'"') && !self.harmless;
    }
}

fn push_escaped(text: &mut String, byte: u8) {
    match byte {
        b'\r' => text.push_str("\\r"),
        b'\n' => text.push_str("\\n"),
        b' '..=b'~' => text.push(char::from(byte)),
        // Writing to a String does not fail.
        _ => drop(write!(text, "\\x{byte:02x}")),
    }
}

/// The commands around the ALIPAY verbs whose arguments and answers tell nothing secret.
const HARMLESS: [&str; 17] = [
    "+CCLK",
    "+CFUN",
    "+CGATT",
    "+CGREG",
    "+CME ERROR",
    "+CMEE",
    "+COPS",
    "+CREG",
    "+CSCS",
    "+CSQ",
    "+IFC",
    "+IPR",
    "+QICSGP",
    "+QIFGCNT",
    "+QNTP",
    "+QNTTP",
    "+QPOWD",
];
const CONFIG_KEYS: [&str; 7] = [
    "\" module_supplier_no\": ",
    "\"device_supplier_no\": ",
    "\"merchant_user_id\": ",
    "\"item_id\": ",
    "\"product_key\": ",
    "\"env\": ",
    "\"terminal_id\": ",
];
const LONGEST_NAME: usize = 32;
/// A longer number may be a payment code, an agreement or a subscriber.
const SHOWN_DIGITS: usize = 4;
