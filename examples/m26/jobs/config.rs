//! `config show` and `config set`.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use m26_pay::alipay::{
    Config, DeviceSupplierNo, ItemId, MerchantUserId, ReadConfig, SetConfig, TerminalId,
};
use m26_pay::at::command::Command as _;
use m26_pay::at::profile::Profile;
use m26_pay::flows::{Configure, Configured};
use m26_pay::secret::{REDACTED, Secret};
use serde_json::Value;

use super::{Job, Outcome, answer, change, stepwise};
use crate::args;
use crate::connection::Module;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{note, printable, progress};

pub(super) fn show(module: &mut Module<'_>, show_secrets: bool) -> Outcome {
    let stored = module.send(&ReadConfig)?;
    let unset = stored.is_unset();
    let show = |text: &Secret<String>| match show_secrets {
        true => text.expose().clone(),
        false => REDACTED.to_string(),
    };
    let mut fields: Vec<(&str, Value)> = vec![
        ("module_supplier_no", stored.module_supplier_no.into()),
        ("device_supplier_no", stored.device_supplier_no.into()),
        ("merchant_user_id", stored.merchant_user_id.into()),
        ("item_id", stored.item_id.into()),
        ("product_key", stored.product_key.as_ref().map(show).into()),
        ("env", stored.env.map(|env| env.0).into()),
        ("terminal_id", stored.terminal_id.into()),
    ];
    // A key that the spec does not know may be a damaged product_key.
    let other = stored.other.expose();
    if !other.is_empty() && show_secrets {
        fields.push(("other", other.iter().cloned().collect()));
    } else if !other.is_empty() {
        note(&format_args!("{} unknown values are shown with --show-secrets", other.len()));
    }
    let lines: Vec<_> = fields
        .iter()
        .map(|(name, value)| {
            let text = match (value, stored.env.and_then(|env| env.description())) {
                (Value::Null, _) => "not named by the module".to_string(),
                (Value::String(text), _) => printable(text),
                (number, Some(meaning)) => format!("{number} ({meaning})"),
                (number, None) => number.to_string(),
            };
            format!("{:<20}{text}", printable(name))
        })
        .collect();
    let object =
        fields.into_iter().fold(Object::new(), |object, (name, value)| object.with(name, value));
    let head = if unset { "not configured, as from the factory\n" } else { "" };
    answer(object.with("configured", !unset), format!("{head}{}", lines.join("\n")))
}

pub(super) fn set(args: args::ConfigSet, profile: &Profile) -> Result<Job, Problem> {
    let discard = args.discard_reports;
    let config = checked(args, profile)?;
    Ok(stepwise(move |connection| {
        change::permit(&connection.client.send(&ReadConfig)?, &config, discard)?;
        // A change takes the bizTid away.
        connection.biz_tid = None;
        let configured =
            connection.client.run_with(Configure::new(config), |told| progress(&told))?;
        outcome(configured)
    }))
}

/// The configuration, which the profile can carry.
pub(crate) fn checked(args: args::ConfigSet, profile: &Profile) -> Result<Config, Problem> {
    change::known(args.env, args.any_env)?;
    let product_key = match (args.key.product_key, args.key.product_key_file) {
        (Some(key), _) => key,
        (None, Some(file)) => read_key(&file)?,
        (None, None) => return Err(Problem::invalid("product_key is missing")),
    };
    let config = Config {
        device_supplier_no: DeviceSupplierNo::new(args.device_supplier_no)?,
        merchant_user_id: MerchantUserId::new(args.merchant_user_id)?,
        item_id: ItemId::new(args.item_id)?,
        product_key: product_key.parse()?,
        env: args.env,
        terminal_id: TerminalId::new(args.terminal_id)?,
    };
    SetConfig(config.clone()).request(profile)?;
    Ok(config)
}

/// The result of setting a configuration.
pub(crate) fn outcome(configured: Configured) -> Outcome {
    let (outcome, fields) = match configured {
        Configured::Unchanged => ("unchanged", Vec::new()),
        Configured::Set { changed } => ("changed", changed),
        Configured::Differs { fields } => ("differs", fields),
    };
    let text = match outcome {
        "unchanged" => "everything was stored already: nothing was changed".to_string(),
        "changed" => format!(
            "stored; {} differed, so the Alipay SDK has discarded what it held",
            fields.join(", ")
        ),
        _ => format!(
            "stored, but the module shows something else for {}: it may hide or shorten a \
             value; look at it with `config show`, and do not store it again without a reason",
            fields.join(", ")
        ),
    };
    answer(Object::new().with("outcome", outcome).with("fields", fields), text)
}

/// The key is all of the file but the line end behind it.
fn read_key(path: &Path) -> Result<String, Problem> {
    let mut key = String::new();
    let read = File::open(path).and_then(|file| file.take(KEY_FILE).read_to_string(&mut key));
    read.map_err(|error| {
        Problem::io(&format!("the key's file {} cannot be read", path.display()), &error)
    })?;
    Ok(key.trim_end_matches(['\r', '\n']).to_string())
}

/// A longer file does not hold a key, which has 64 bytes at most.
const KEY_FILE: u64 = 4096;
