//! The configuration in the spec's example, for tests.

use m26_pay::alipay::{Config, Environment};
use m26_pay::argument::InvalidArgument;

/// As the spec's example has it, for the environment of tests.
pub(crate) fn config() -> Result<Config, InvalidArgument> {
    Ok(Config {
        device_supplier_no: "2018040500703640".parse()?,
        merchant_user_id: "2018040500703640".parse()?,
        item_id: "2018070401748657".parse()?,
        product_key: "ALIPAY_BOX".parse()?,
        env: Environment::TEST,
        terminal_id: "1234567890abcdef".parse()?,
    })
}
