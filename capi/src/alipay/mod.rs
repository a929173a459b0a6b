//! The commands of the Alipay SDK, in the order of the spec (Quectel M26 Alipay SDK 应用指导 V1.0).

mod config;
mod device_id;
mod open;
mod product_info;
mod report;
mod sign;
mod test_form;
mod usage;

pub use config::*;
pub use device_id::*;
pub use open::*;
pub use product_info::*;
pub use report::*;
pub use sign::*;
pub use test_form::*;
pub use usage::*;

pub(crate) use config::config;

use m26_pay::alipay::Held;

/// Where the module holds a record that it accepted. It is held and not delivered: the SDK sends its cache
/// later, and nothing tells when a record has arrived.
pub type m26pay_held = i32;

/// In the cache.
pub const M26PAY_HELD_STORED: m26pay_held = 0;
/// In memory alone: a restart of the module loses it.
pub const M26PAY_HELD_RAM_ONLY: m26pay_held = 1;

/// An amount of money in fen, a hundredth of a yuan.
pub type m26pay_fen = u64;

fn held(held: Held) -> m26pay_held {
    match held {
        Held::Stored => M26PAY_HELD_STORED,
        Held::RamOnly => M26PAY_HELD_RAM_ONLY,
    }
}
