//! What of a line is hidden.

/// The direction of bytes.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    ToHost,
    ToModule,
}

/// Where in a line the trace is, and what of it may be shown.
#[derive(Debug, Default)]
pub(super) struct Mask {
    /// The command up to its first mark of punctuation.
    name: String,
    named: bool,
    /// Whether the rest of the command may be shown as it is.
    harmless: bool,
    /// Whether this is the value of a register, which ends with its digits.
    register: bool,
    quoted: bool,
    /// Whether everything but separators is hidden from here to the line's end.
    secret: bool,
    /// How many digits in a row there have been.
    digits: usize,
    last: u8,
}

impl Mask {
    /// One of the keys of AT+ALIPAYCFG?, with its colon, where a line begins with one.
    pub(super) fn known_key(&mut self, rest: &[u8]) -> &'static str {
        if self.named || !self.name.is_empty() {
            return "";
        }
        let key = CONFIG_KEYS.iter().find(|key| rest.starts_with(key.as_bytes()));
        self.named = key.is_some();
        key.copied().unwrap_or_default()
    }

    pub(super) fn hides(&mut self, direction: Direction, byte: u8) -> bool {
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
        hidden || (self.digits > SHOWN_DIGITS && (self.register || !self.harmless))
    }

    fn is_separator(&self, last: u8, byte: u8) -> bool {
        matches!(byte, b'"' | b',') || (last == b'=' && byte == b'?')
    }

    fn look_at(&mut self, byte: u8) {
        self.digits = if byte.is_ascii_digit() { self.digits + 1 } else { 0 };
        self.quoted ^= byte == b'"';
        let ended = if self.register {
            !matches!(byte, b'0'..=b'9' | b' ')
        } else {
            self.harmless && byte == b';' && !self.quoted
        };
        if self.named && ended {
            // Another command begins, which may have a secret (V.250, 5.2.1).
            (self.named, self.harmless, self.register) = (false, false, false);
            self.name.clear();
        }
        if self.named {
            self.harmless &= byte != b';' || self.quoted;
        } else if matches!(byte, b'=' | b':' | b'?' | b',' | b'"') {
            self.named = true;
            let name = self.name.to_ascii_uppercase();
            let name = without_basic(name.trim_start_matches("AT"));
            self.register = name.strip_prefix('S').is_some_and(|number| {
                byte == b'='
                    && !number.is_empty()
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            });
            self.harmless = self.register || HARMLESS.contains(&name);
        } else if byte == b';' {
            self.name.clear();
        } else if self.name.len() < LONGEST_NAME {
            self.name.push(char::from(byte));
        }
        self.secret |= matches!(byte, b'=' | b'"') && !self.harmless;
    }
}

/// A name without the basic commands before it: a letter and a number each, as in `Q0 V1 +CSQ`. None
/// of those has a secret, but a dialled number is one.
fn without_basic(name: &str) -> &str {
    let mut rest = name.trim();
    loop {
        let letter = rest.strip_prefix('&').unwrap_or(rest);
        let number = letter.trim_start_matches(|first: char| first.is_ascii_alphabetic());
        let after = number.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let is_basic = letter.len() - number.len() == 1
            && after.len() < number.len()
            && !(letter.starts_with('D') && letter.len() == rest.len());
        if !is_basic || after.is_empty() {
            return rest;
        }
        rest = after.trim_start();
    }
}

/// The commands around the ALIPAY verbs whose arguments and answers tell nothing secret.
const HARMLESS: [&str; 37] = [
    "+CBC",
    "+CCLK",
    "+CFUN",
    "+CGACT",
    "+CGATT",
    "+CGDCONT",
    "+CGREG",
    "+CGSMS",
    "+CLIP",
    "+CME ERROR",
    "+CMEE",
    "+CMGD",
    "+CMGF",
    "+CMGL",
    "+CMS ERROR",
    "+CNMI",
    "+COPS",
    "+CPAS",
    "+CPMS",
    "+CRC",
    "+CREG",
    "+CSCS",
    "+CSDH",
    "+CSMS",
    "+CSQ",
    "+FCLASS",
    "+ICF",
    "+IFC",
    "+IPR",
    "+QICSGP",
    "+QIFGCNT",
    "+QISTAT",
    "+QIURC",
    "+QNTP",
    "+QNTTP",
    "+QPOWD",
    "+QSCLK",
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
