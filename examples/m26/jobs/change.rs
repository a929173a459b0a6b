//! What a change of the configuration would replace.

use m26_pay::alipay::{Config, Environment, StoredConfig};
use m26_pay::engine::Certainty;
use m26_pay::error::ErrorKind;
use m26_pay::secret::REDACTED;
use serde_json::Value;

use crate::object::Object;
use crate::problem::Problem;
use crate::screen::printable;

/// Lets a change pass that was asked for, or by which nothing is lost.
///
/// A change has the SDK discard the bizTid and what it has not delivered (spec V1.0, 3.1, note 4). A
/// module that was never configured has nothing of that.
pub(crate) fn permit(stored: &StoredConfig, config: &Config, discard: bool) -> Result<(), Problem> {
    let changes = changes(stored, config);
    if discard || changes.is_empty() || stored.is_unset() {
        return Ok(());
    }
    let told: Vec<_> = changes.iter().map(Change::describe).collect();
    let message = format!(
        "nothing was changed: what is stored differs ({}); a change has the Alipay SDK discard the \
         bizTid and the reports that were not delivered yet: --discard-reports makes it all the same",
        told.join("; ")
    );
    let objects: Vec<_> = changes.iter().map(Change::object).collect();
    Err(Problem::new(ErrorKind::Mismatch, Certainty::NotSent, message)
        .with_detail(Object::new().list("changes", &objects)))
}

/// Lets an environment pass that the document has (spec V1.0, 3.1: 0 and 4), or any that was meant.
pub(crate) fn known(env: Environment, any: bool) -> Result<(), Problem> {
    if any || env.description().is_some() {
        return Ok(());
    }
    Err(Problem::invalid(format!(
        "env {} is none that the document has (production 0, test 4): --any-env sets it all the same",
        env.0
    )))
}

/// A value that differs.
struct Change {
    name: &'static str,
    stored: Value,
    wanted: Value,
}

fn changes(stored: &StoredConfig, config: &Config) -> Vec<Change> {
    let differ = stored.differences(config);
    let all = [
        (
            "device_supplier_no",
            stored.device_supplier_no.clone().into(),
            config.device_supplier_no.as_str().into(),
        ),
        (
            "merchant_user_id",
            stored.merchant_user_id.clone().into(),
            config.merchant_user_id.as_str().into(),
        ),
        ("item_id", stored.item_id.clone().into(), config.item_id.as_str().into()),
        ("product_key", stored.product_key.as_ref().map(|_| REDACTED).into(), REDACTED.into()),
        ("env", stored.env.map(|env| env.0).into(), config.env.0.into()),
        ("terminal_id", stored.terminal_id.clone().into(), config.terminal_id.as_str().into()),
    ];
    all.into_iter()
        .filter(|(name, ..)| differ.contains(name))
        .map(|(name, stored, wanted)| Change { name, stored, wanted })
        .collect()
}

impl Change {
    fn describe(&self) -> String {
        if self.name == "product_key" {
            return "product_key is another one".into();
        }
        format!("{} is {} and would be {}", self.name, show(&self.stored), show(&self.wanted))
    }

    fn object(&self) -> Object {
        Object::new()
            .with("name", self.name)
            .with("stored", self.stored.clone())
            .with("wanted", self.wanted.clone())
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "not named".into(),
        Value::String(text) if text.is_empty() => "empty".into(),
        Value::String(text) => printable(text),
        number => number.to_string(),
    }
}
