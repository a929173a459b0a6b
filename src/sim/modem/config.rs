//! AT+ALIPAYCFG: the product's definition, kept in the NVM.

use std::fmt;

use super::reply::{Failure, Outcome, Reply};

/// What AT+ALIPAYCFG sets (Quectel M26 Alipay SDK guide V1.0, 3.1).
#[derive(Clone, Default, Eq, PartialEq)]
pub struct ModemConfig {
    /// The maker of the device, up to 32 bytes.
    pub device_supplier_no: String,
    /// The merchant, up to 32 bytes.
    pub merchant_user_id: String,
    /// The product, up to 64 bytes.
    pub item_id: String,
    /// The product's key, up to 64 bytes.
    pub product_key: String,
    /// 0 for production, 4 for tests.
    pub env: u32,
    /// The terminal's serial number, up to 64 bytes.
    pub terminal_id: String,
}

impl ModemConfig {
    /// The values of the spec's example (section 4).
    pub fn sample() -> Self {
        Self {
            device_supplier_no: "2018040500703640".into(),
            merchant_user_id: "2018040500703640".into(),
            item_id: "2018070401748657".into(),
            product_key: "ALIPAY_BOX".into(),
            env: 4,
            terminal_id: "1234567890abcdef".into(),
        }
    }

    /// Reads the arguments of the set form.
    pub(super) fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        let &[device_supplier_no, merchant_user_id, item_id, product_key, env, terminal_id] =
            arguments
        else {
            return Err(Failure::INVALID_PARAMETER);
        };
        let field = |text: &str, limit: usize| {
            if text.len() <= limit { Ok(text.to_owned()) } else { Err(Failure::INVALID_INPUT) }
        };
        Ok(Self {
            device_supplier_no: field(device_supplier_no, 32)?,
            merchant_user_id: field(merchant_user_id, 32)?,
            item_id: field(item_id, 64)?,
            product_key: field(product_key, 64)?,
            env: env.parse().map_err(|_| Failure::INVALID_INPUT)?,
            terminal_id: field(terminal_id, 64)?,
        })
    }

    /// The answer of the read form, its damaged first key and the bare `env` included (section 4).
    pub(super) fn read(&self) -> Outcome {
        Reply::text(format!(
            "+ALIPAYCFG:\r\n\
             \" module_supplier_no\": \"{MODULE_SUPPLIER_NO}\"\r\n\
             \"device_supplier_no\": \"{}\"\r\n\
             \"merchant_user_id\": \"{}\"\r\n\
             \"item_id\": \"{}\"\r\n\
             \"product_key\": \"{}\"\r\n\
             \"env\": {}\r\n\
             \"terminal_id\": \"{}\"",
            self.device_supplier_no,
            self.merchant_user_id,
            self.item_id,
            self.product_key,
            self.env,
            self.terminal_id,
        ))
    }
}

/// The product key is a secret.
impl fmt::Debug for ModemConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModemConfig")
            .field("device_supplier_no", &self.device_supplier_no)
            .field("merchant_user_id", &self.merchant_user_id)
            .field("item_id", &self.item_id)
            .field("product_key", &"[redacted]")
            .field("env", &self.env)
            .field("terminal_id", &self.terminal_id)
            .finish()
    }
}

/// Quectel's own number as a maker of modules, which a host cannot set (3.1, note 1).
const MODULE_SUPPLIER_NO: &str = "201901220900654009";
