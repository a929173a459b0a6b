//! AT+ALIPAYCFG: the configuration of the product ([`SetConfig`], [`ReadConfig`]).

use std::fmt;

use crate::alipay::{TestCommand, action, request, verb};
use crate::argument::string_argument;
use crate::at::command::{
    Answer, Command, CommandLine, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::field::FieldError;
use crate::at::line::Line;
use crate::at::profile::Profile;
use crate::at::syntax::View;
use crate::at::verb::{Effect, PlainArgument, Verb};
use crate::secret::Secret;

/// The configuration of the product: six values. Ant assigns the first four.
///
/// ```
/// use m26_pay::alipay::{Config, Environment};
///
/// let config = Config {
///     device_supplier_no: "2018040500703640".parse()?,
///     merchant_user_id: "2018040500703640".parse()?,
///     item_id: "2018070401748657".parse()?,
///     product_key: "ALIPAY_BOX".parse()?,
///     env: Environment::TEST,
///     terminal_id: "1234567890abcdef".parse()?,
/// };
/// assert!(format!("{config:?}").contains("ProductKey([redacted])"));
/// # Ok::<(), m26_pay::argument::InvalidArgument>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Config {
    /// The number of the device's supplier.
    pub device_supplier_no: DeviceSupplierNo,
    /// The merchant. The spec calls it the identifier of the device (设备识别符).
    pub merchant_user_id: MerchantUserId,
    /// The number of the product at Ant.
    pub item_id: ItemId,
    /// The key of the product.
    pub product_key: ProductKey,
    /// Production or test.
    pub env: Environment,
    /// The serial number of this terminal. No other terminal may have it.
    pub terminal_id: TerminalId,
}

string_argument! {
    /// The number of the device's supplier.
    DeviceSupplierNo, "device_supplier_no", 32
}
string_argument! {
    /// The merchant.
    MerchantUserId, "merchant_user_id", 32
}
string_argument! {
    /// The number of the product at Ant.
    ItemId, "item_id", 64
}
string_argument! {
    /// The key of the product.
    secret ProductKey, "product_key", 64
}
string_argument! {
    /// The serial number of the terminal.
    TerminalId, "terminal_id", 64
}

/// The environment of the product: production or test. Values that the spec does not list are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Environment(pub i32);

impl Environment {
    /// 0: the product is live (正式上线).
    pub const PRODUCTION: Self = Self(0);
    /// 4: the product is being tested (产品内测).
    pub const TEST: Self = Self(4);

    /// What the spec calls it, in English, or `None` for a number that it does not list.
    #[must_use]
    pub fn description(self) -> Option<&'static str> {
        match self {
            Self::PRODUCTION => Some("production"),
            Self::TEST => Some("test"),
            _ => None,
        }
    }
}

/// Sets all six values. The module keeps them through a power cut.
///
/// **If any of them differs from what is stored, the SDK discards everything it holds: the bizTid
/// and the reports that were not delivered yet** (note 4 in 3.1). [`Configure`] reads the stored
/// values first.
///
/// ```text
/// AT+ALIPAYCFG=<device_supplier_no>,<merchant_userID>,<itemID>,<product_key>,<env>,<terminalID>
///                                Quectel M26 Alipay SDK 应用指导 V1.0, 3.1
/// OK
/// ```
///
/// [`Configure`]: crate::flows::Configure
///
/// With every value at its greatest length the line has 285 bytes, more than the 256 that a module
/// reads: then it is refused before it is sent.
///
/// ```
/// # use m26_pay::alipay::{Config, Environment};
/// use m26_pay::alipay::SetConfig;
/// use m26_pay::at::command::Command;
/// use m26_pay::at::profile::Profile;
///
/// # let config = Config {
/// #     device_supplier_no: "1".parse()?,
/// #     merchant_user_id: "2".parse()?,
/// #     item_id: "3".parse()?,
/// #     product_key: "4".parse()?,
/// #     env: Environment::TEST,
/// #     terminal_id: "5".parse()?,
/// # };
/// let request = SetConfig(config).request(&Profile::quectel())?;
/// assert_eq!(request.line(), b"AT+ALIPAYCFG=\"1\",\"2\",\"3\",\"4\",4,\"5\"\r");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "AT+ALIPAYCFG")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetConfig(pub Config);

impl TestCommand {
    /// AT+ALIPAYCFG=?
    pub const CONFIG: Self = Self::of(&VERB);
}

impl Command for SetConfig {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let Self(config) = self;
        let line = CommandLine::set(PREFIX)
            .string("device_supplier_no", config.device_supplier_no.as_str())
            .string("merchant_user_id", config.merchant_user_id.as_str())
            .string("item_id", config.item_id.as_str())
            .string("product_key", config.product_key.expose())
            .int(config.env.0)
            .string("terminal_id", config.terminal_id.as_str());
        Ok(action(&VERB, line.finish(profile)?, profile))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Reads the configuration that the module has stored.
///
/// ```text
/// AT+ALIPAYCFG?                  Quectel M26 Alipay SDK 应用指导 V1.0, 3.1 and chapter 4
///
/// +ALIPAYCFG:
/// " module_supplier_no": "201901220900654009"
/// "device_supplier_no": "2018040500703640"
/// "merchant_user_id": "2018040500703640"
/// "item_id": "2018070401748657"
/// "product_key": "ALIPAY_BOX"
/// "env": 4
/// "terminal_id": "1234567890abcdef"
///
/// OK
/// ```
///
/// The blank in the first key is as printed. Any order, blanks, missing quotes and unknown keys
/// are accepted.
///
/// ```
/// use m26_pay::alipay::{Environment, ReadConfig};
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
///
/// let reply = Reply {
///     lines: ["+ALIPAYCFG:", "\"env\": 4", "\"item_id\": \"2018070401748657\""].map(Line::new).into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// let stored = ReadConfig.decode(&reply)?;
/// assert_eq!(stored.env, Some(Environment::TEST));
/// assert_eq!(stored.item_id.as_deref(), Some("2018070401748657"));
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+ALIPAYCFG")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadConfig;

/// The configuration that the module has stored, as the module reports it. A value that [`Config`]
/// would refuse is kept; a value that the module does not report is `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StoredConfig {
    /// The number of the module's supplier, which cannot be set.
    pub module_supplier_no: Option<String>,
    /// The number of the device's supplier.
    pub device_supplier_no: Option<String>,
    /// The merchant.
    pub merchant_user_id: Option<String>,
    /// The number of the product at Ant.
    pub item_id: Option<String>,
    /// The key of the product. Whether a module masks it is not known.
    pub product_key: Option<Secret<String>>,
    /// Production or test.
    pub env: Option<Environment>,
    /// The serial number of the terminal.
    pub terminal_id: Option<String>,
    /// Keys that the spec does not know, with their values; an `env` that is no number is here
    /// as well. Secret, because such a key may be a damaged `product_key`.
    pub other: Secret<Vec<(String, String)>>,
}

impl Command for ReadConfig {
    type Response = StoredConfig;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read(PREFIX).finish(profile)?;
        Ok(request(line).answer(Answer::Block(PREFIX)))
    }

    fn decode(&self, reply: &Reply) -> Result<StoredConfig, DecodeError> {
        let mut stored = StoredConfig::default();
        let mut other = Vec::new();
        let mut unreadable: Option<&Line> = None;
        let mut begun = false;
        for line in &reply.lines {
            let entry = match line.view() {
                view if view.args_of(PREFIX).is_some() => {
                    begun = true;
                    // The first entry may stand behind the colon.
                    view.args_of(PREFIX).unwrap_or_default()
                }
                View::Text(text) => text,
                View::Final(_) | View::Prefixed { .. } => continue,
            };
            if entry.is_empty() {
                continue;
            }
            match read_entry(entry) {
                Some((key, value)) => other.extend(stored.take(key, value)),
                None => unreadable = unreadable.or(Some(line)),
            }
        }
        if !begun {
            return Err(DecodeError::Missing { expected: PREFIX });
        }
        stored.other = Secret::new(other);
        match unreadable {
            // A line that cannot be read may be the missing value. If no value is missing, the line
            // is not part of the answer.
            Some(line) if !stored.is_complete() => {
                let error = FieldError { expected: "\"key\": value", position: 0 };
                Err(DecodeError::malformed(line, error))
            }
            _ => Ok(stored),
        }
    }
}

impl StoredConfig {
    /// The names of the values that differ from `config`, as the read form spells them, in its
    /// order.
    #[must_use]
    pub fn differences(&self, config: &Config) -> Vec<&'static str> {
        let product_key = self.product_key.as_ref().map(|key| key.expose().as_str());
        [
            (
                "device_supplier_no",
                self.device_supplier_no.as_deref() == Some(config.device_supplier_no.as_str()),
            ),
            (
                "merchant_user_id",
                self.merchant_user_id.as_deref() == Some(config.merchant_user_id.as_str()),
            ),
            ("item_id", self.item_id.as_deref() == Some(config.item_id.as_str())),
            ("product_key", product_key == Some(config.product_key.expose())),
            ("env", self.env == Some(config.env)),
            ("terminal_id", self.terminal_id.as_deref() == Some(config.terminal_id.as_str())),
        ]
        .into_iter()
        .filter_map(|(name, same)| (!same).then_some(name))
        .collect()
    }

    /// Whether the product was never configured: all values are missing or empty. `env` does not
    /// count, since it cannot be empty.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        let key = self.product_key.as_ref().map(|key| key.expose());
        [
            self.device_supplier_no.as_ref(),
            self.merchant_user_id.as_ref(),
            self.item_id.as_ref(),
            key,
            self.terminal_id.as_ref(),
        ]
        .into_iter()
        .flatten()
        .all(String::is_empty)
    }

    fn is_complete(&self) -> bool {
        self.module_supplier_no.is_some()
            && self.device_supplier_no.is_some()
            && self.merchant_user_id.is_some()
            && self.item_id.is_some()
            && self.product_key.is_some()
            && self.env.is_some()
            && self.terminal_id.is_some()
    }

    /// Keeps a value under its key, or hands it back if the key is unknown.
    fn take(&mut self, key: &str, value: &str) -> Option<(String, String)> {
        let value = value.to_string();
        match key {
            "module_supplier_no" => self.module_supplier_no = Some(value),
            "device_supplier_no" => self.device_supplier_no = Some(value),
            "merchant_user_id" => self.merchant_user_id = Some(value),
            "item_id" => self.item_id = Some(value),
            "product_key" => self.product_key = Some(Secret::new(value)),
            "terminal_id" => self.terminal_id = Some(value),
            "env" if value.parse::<i32>().is_ok() => {
                self.env = value.parse().ok().map(Environment);
            }
            _ => return Some((key.to_string(), value)),
        }
        None
    }
}

impl fmt::Debug for StoredConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredConfig")
            .field("module_supplier_no", &self.module_supplier_no)
            .field("device_supplier_no", &self.device_supplier_no)
            .field("merchant_user_id", &self.merchant_user_id)
            .field("item_id", &self.item_id)
            .field("product_key", &self.product_key)
            .field("env", &self.env)
            .field("terminal_id", &self.terminal_id)
            .field("other", &self.other.expose().len())
            .finish()
    }
}

/// Reads a line `"key": value`. Quotes around the value and a comma after it may be missing.
fn read_entry(line: &[u8]) -> Option<(&str, &str)> {
    let line = std::str::from_utf8(line).ok()?.trim();
    let (key, value) = line.strip_prefix('"')?.split_once('"')?;
    let value = value.trim_start().strip_prefix(':')?.trim();
    let value = value.strip_suffix(',').unwrap_or(value).trim_end();
    let value = match value.strip_prefix('"') {
        Some(open) => open.strip_suffix('"')?,
        None if value.contains('"') => return None,
        None => value,
    };
    Some((key.trim(), value))
}

const PREFIX: &str = "+ALIPAYCFG";

/// The entry of AT+ALIPAYCFG in the table of verbs.
pub(crate) const VERB: Verb = Verb {
    effect: Effect::ConfiguresSdk,
    plain_arguments: &[PlainArgument::Number(4)],
    ..verb(PREFIX)
};

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::{luat, quectel, sent};

    /// The configuration of the spec's chapter 4.
    pub(crate) fn example() -> Config {
        Config {
            device_supplier_no: "2018040500703640".parse().unwrap(),
            merchant_user_id: "2018040500703640".parse().unwrap(),
            item_id: "2018070401748657".parse().unwrap(),
            product_key: "ALIPAY_BOX".parse().unwrap(),
            env: Environment::TEST,
            terminal_id: "1234567890abcdef".parse().unwrap(),
        }
    }

    /// Spec V1.0, chapter 4.
    pub(crate) const STORED: &[u8] = b"\r\n+ALIPAYCFG:\r\n\
        \" module_supplier_no\": \"201901220900654009\"\r\n\
        \"device_supplier_no\": \"2018040500703640\"\r\n\
        \"merchant_user_id\": \"2018040500703640\"\r\n\
        \"item_id\": \"2018070401748657\"\r\n\
        \"product_key\": \"ALIPAY_BOX\"\r\n\
        \"env\": 4\r\n\
        \"terminal_id\": \"1234567890abcdef\"\r\n\r\nOK\r\n";

    #[test]
    fn as_in_the_spec() {
        let set = SetConfig(example());
        assert_eq!(
            sent(&set, &Profile::quectel()),
            "AT+ALIPAYCFG=\"2018040500703640\",\"2018040500703640\",\"2018070401748657\",\
             \"ALIPAY_BOX\",4,\"1234567890abcdef\""
        );
        assert_eq!(
            sent(&set, &Profile::luat()),
            "AT+ALIPAYCFG=2018040500703640,2018040500703640,2018070401748657,ALIPAY_BOX,4,\
             1234567890abcdef"
        );
        assert_eq!(quectel(&set, b"\r\nOK\r\n"), Ok(()));
        assert_eq!(sent(&ReadConfig, &Profile::quectel()), "AT+ALIPAYCFG?");
        let stored = quectel(&ReadConfig, STORED).unwrap();
        let supplier = stored.module_supplier_no.as_deref();
        assert_eq!(supplier, Some("201901220900654009"));
        assert_eq!(stored.differences(&example()), Vec::<&str>::new());
        assert_eq!(luat(&ReadConfig, STORED).unwrap(), stored);
    }

    #[test]
    fn any_order_blanks_quotes_and_unknown_keys() {
        let stored = quectel(
            &ReadConfig,
            b"\r\n+ALIPAYCFG: \"terminal_id\" : \"1234567890abcdef\" ,\r\n\"env\":\"4\"\r\n\
              \"colour\": red\r\n\"product_key\":ALIPAY_BOX\r\n\r\nOK\r\n",
        )
        .unwrap();
        assert_eq!(
            stored.differences(&example()),
            ["device_supplier_no", "merchant_user_id", "item_id"]
        );
        let other = [("colour".to_string(), "red".to_string())];
        assert_eq!(stored.other.expose()[..], other);
        let stored = quectel(&ReadConfig, b"\r\n+ALIPAYCFG:\r\n\"env\": test\r\n\r\nOK\r\n");
        assert_eq!(stored.unwrap().env, None);
    }

    #[test]
    fn values_that_we_would_refuse_are_read() {
        let long = "9".repeat(100);
        let bytes = format!(
            "\r\n+ALIPAYCFG:\r\n\"item_id\": \"\"\r\n\"terminal_id\": \"{long}\"\r\n\r\nOK\r\n"
        );
        let stored = quectel(&ReadConfig, bytes.as_bytes()).unwrap();
        assert_eq!(stored.item_id.as_deref(), Some(""));
        assert_eq!(stored.terminal_id, Some(long));
    }

    #[test]
    fn a_damaged_line_is_not_taken_for_a_missing_value() {
        let damaged = String::from_utf8_lossy(STORED).replace("\"ALIPAY_BOX\"", "\"ALIPAY_");
        let error = quectel(&ReadConfig, damaged.as_bytes()).unwrap_err();
        assert!(matches!(error, DecodeError::Malformed { .. }));
        assert!(!format!("{error} {error:?}").contains("ALIPAY_\""));
        // The echo of another program on the same port harms nothing.
        let stray = String::from_utf8_lossy(STORED).replace("\"env\"", "ATH\r\n\"env\"");
        assert!(quectel(&ReadConfig, stray.as_bytes()).is_ok());
        let missing = DecodeError::Missing { expected: PREFIX };
        assert_eq!(quectel(&ReadConfig, b"\r\nOK\r\n"), Err(missing));
    }

    #[test]
    fn all_at_their_greatest_length_is_too_long_for_the_module() {
        let config = Config {
            device_supplier_no: "1".repeat(32).parse().unwrap(),
            merchant_user_id: "2".repeat(32).parse().unwrap(),
            item_id: "3".repeat(64).parse().unwrap(),
            product_key: "4".repeat(64).parse().unwrap(),
            env: Environment::TEST,
            terminal_id: "5".repeat(64).parse().unwrap(),
        };
        let error = SetConfig(config).request(&Profile::quectel()).unwrap_err();
        let (length, limit) = (286, 256);
        assert_eq!(error, InvalidCommand::TooLong { length, limit });
    }

    #[test]
    fn the_key_does_not_show() {
        let stored = quectel(&ReadConfig, STORED).unwrap();
        let shown = format!("{stored:?} {:?}", SetConfig(example()));
        assert!(!shown.contains("ALIPAY_BOX"), "{shown}");
    }
}
