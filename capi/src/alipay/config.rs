//! AT+ALIPAYCFG (3.1).

use m26_pay::alipay::{
    Config, DeviceSupplierNo, Environment, ItemId, MerchantUserId, ProductKey, ReadConfig,
    SetConfig, StoredConfig, TerminalId,
};

use crate::boundary::enter;
use crate::failure::Failure;
use crate::memory::{Texts, m26pay_memory};
use crate::module::{ask, m26pay_module, send};
use crate::pointer::{self, Options, Out};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// The product is live (正式上线).
pub const M26PAY_ENV_PRODUCTION: i32 = 0;
/// The product is being tested (产品内测).
pub const M26PAY_ENV_TEST: i32 = 4;

/// What the product is, as Ant has given it out. Begin with `m26pay_config_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_config {
    /// The size of this structure, which `m26pay_config_init` writes.
    pub size: usize,
    /// The number of the device's supplier, at most 32 bytes.
    pub device_supplier_no: m26pay_str,
    /// The merchant, at most 32 bytes.
    pub merchant_user_id: m26pay_str,
    /// The number of the product, at most 64 bytes.
    pub item_id: m26pay_str,
    /// The key of the product, at most 64 bytes. It is a secret.
    pub product_key: m26pay_str,
    /// Production or test: `M26PAY_ENV_TEST`.
    pub env: i32,
    /// The serial number of this terminal, at most 64 bytes, which no other terminal may have.
    pub terminal_id: m26pay_str,
}

/// The configuration that a module has. A value that the module does not report is (NULL, 0). `memory` is
/// to be freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_stored_config {
    /// The number of the module's supplier, which cannot be set.
    pub module_supplier_no: m26pay_str,
    /// The number of the device's supplier.
    pub device_supplier_no: m26pay_str,
    /// The merchant.
    pub merchant_user_id: m26pay_str,
    /// The number of the product.
    pub item_id: m26pay_str,
    /// The key of the product. It is a secret.
    pub product_key: m26pay_str,
    /// The serial number of the terminal.
    pub terminal_id: m26pay_str,
    /// Whether `env` is known.
    pub has_env: bool,
    /// Production or test.
    pub env: i32,
    /// Where the texts live.
    pub memory: m26pay_memory,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_config {}

/// Writes the defaults: no texts, a product that is being tested.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_config_init(config: *mut m26pay_config) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("config", config) }?;
        to.write(m26pay_config {
            size: size_of::<m26pay_config>(),
            device_supplier_no: m26pay_str::NONE,
            merchant_user_id: m26pay_str::NONE,
            item_id: m26pay_str::NONE,
            product_key: m26pay_str::NONE,
            env: M26PAY_ENV_TEST,
            terminal_id: m26pay_str::NONE,
        });
        Ok(())
    })
}

/// AT+ALIPAYCFG: sets all values. If one of them differs from what the module has, the SDK discards all that
/// it holds, the bizTid and the reports that were not delivered yet (3.1, note 4): `m26pay_configure` looks
/// first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_set_config(
    module: m26pay_module,
    config: *const m26pay_config,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let config = unsafe { self::config(config) }?;
        send(module, SetConfig(config))
    })
}

/// AT+ALIPAYCFG?: the configuration that the module has. `config->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_config(
    module: m26pay_module,
    config: *mut m26pay_stored_config,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "config", config, ReadConfig, |it| m26pay_stored_config::from(&it)) }
}

/// AT+ALIPAYCFG?: whether the module has another configuration than this one, so that setting it would have the
/// SDK discard what it holds. A module that was never configured holds nothing: that is false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_config_differs(
    module: m26pay_module,
    config: *const m26pay_config,
    differs: *mut bool,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("differs", differs) }?;
        // SAFETY: the header asks it of the caller.
        let config = unsafe { self::config(config) }?;
        let stored = send(module, ReadConfig)?;
        to.write(!stored.is_unset() && !stored.differences(&config).is_empty());
        Ok(())
    })
}

/// A configuration of the caller.
///
/// # Safety
/// As [`pointer::options`], and as [`text::text`] for the texts in it.
pub(crate) unsafe fn config(config: *const m26pay_config) -> Result<Config, Failure> {
    // SAFETY: as the caller promises.
    let it = unsafe { pointer::options("config", config) }?;
    let text = |what, it| {
        // SAFETY: as the caller promises.
        unsafe { text::text(what, it) }
    };
    Ok(Config {
        device_supplier_no: DeviceSupplierNo::new(text(
            "device_supplier_no",
            it.device_supplier_no,
        )?)?,
        merchant_user_id: MerchantUserId::new(text("merchant_user_id", it.merchant_user_id)?)?,
        item_id: ItemId::new(text("item_id", it.item_id)?)?,
        product_key: ProductKey::new(text("product_key", it.product_key)?)?,
        env: Environment(it.env),
        terminal_id: TerminalId::new(text("terminal_id", it.terminal_id)?)?,
    })
}

impl From<&StoredConfig> for m26pay_stored_config {
    fn from(stored: &StoredConfig) -> Self {
        let mut texts = Texts::default();
        let mut add = |text: Option<&str>| text.map(|text| texts.add(text));
        let module_supplier_no = add(stored.module_supplier_no.as_deref());
        let device_supplier_no = add(stored.device_supplier_no.as_deref());
        let merchant_user_id = add(stored.merchant_user_id.as_deref());
        let item_id = add(stored.item_id.as_deref());
        let product_key = add(stored.product_key.as_ref().map(|key| key.expose().as_str()));
        let terminal_id = add(stored.terminal_id.as_deref());
        let placed = texts.keep();
        Self {
            module_supplier_no: placed.optional(module_supplier_no),
            device_supplier_no: placed.optional(device_supplier_no),
            merchant_user_id: placed.optional(merchant_user_id),
            item_id: placed.optional(item_id),
            product_key: placed.optional(product_key),
            terminal_id: placed.optional(terminal_id),
            has_env: stored.env.is_some(),
            env: stored.env.map_or(0, |env| env.0),
            memory: placed.memory,
        }
    }
}
