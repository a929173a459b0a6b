//! AT+ALIPAYCFG?, an answer of several lines.

use m26_pay::alipay::{Config, ReadConfig, StoredConfig};
use m26_pay::at::command::Command;
use m26_pay::at::profile::Profile;
use m26_pay::engine::Event;

use super::answers::decode;
use super::source::{Source, assert_hidden, unfold};
use support::bench::Bench;
use support::commands;

/// A configuration is read as it is written, in any order and notation, whatever comes in between;
/// whatever else comes does no harm.
///
/// The first byte chooses between the two. To be written: notations, up to an LF; then the six
/// values, each up to an LF. To be read: what the module sends before its `OK`.
pub fn config(data: &[u8]) {
    let mut source = Source::new(data);
    if source.flag() {
        anything(&unfold(source.rest()));
    } else if let Some((config, notations)) = values(&mut source) {
        written(&config, notations);
    }
}

fn anything(text: &[u8]) {
    let Some(stored) = read(text) else { return };
    assert_hidden(&format!("{:?} {:?}", stored.product_key, stored.other));
    let known = [
        &stored.module_supplier_no,
        &stored.device_supplier_no,
        &stored.merchant_user_id,
        &stored.item_id,
        &stored.terminal_id,
    ];
    let entries = known.into_iter().flatten().count() + stored.other.expose().len();
    assert!(entries <= text.iter().filter(|byte| **byte == b'"').count());
}

/// What the module stores, as it is read by an engine in the middle of its work.
fn read(text: &[u8]) -> Option<StoredConfig> {
    let mut bench = Bench::ready(Profile::quectel());
    let request = ReadConfig.request(&Profile::quectel()).unwrap();
    let ticket = bench.submit(request);
    let line = bench.transmit();
    bench.write(line.len());
    bench.receive(b"\r\n+ALIPAYCFG:");
    bench.receive(text);
    bench.receive(b"\r\n\r\nOK\r\n");
    for event in bench.raw_events() {
        assert_hidden(&format!("{event:?}"));
        if let Event::Done { ticket: done, outcome } = event {
            assert_eq!(done, ticket);
            return outcome.ok().and_then(|reply| decode(&ReadConfig, &reply));
        }
    }
    None
}

fn values<'a>(source: &mut Source<'a>) -> Option<(Config, &'a [u8])> {
    let notations = source.until(b'\n');
    let texts: Vec<_> =
        (0..6).map(|_| String::from_utf8_lossy(source.until(b'\n')).into_owned()).collect();
    let config =
        commands::config([0, 1, 2, 3, 4].map(|at| texts[at].as_str()), texts[5].parse().ok()?)?;
    Some((config, notations))
}

fn written(config: &Config, notations: &[u8]) {
    let mut source = Source::new(notations);
    let env = config.env.0.to_string();
    let mut entries = vec![
        ("module_supplier_no", "201901220900654009"),
        ("device_supplier_no", config.device_supplier_no.as_str()),
        ("merchant_user_id", config.merchant_user_id.as_str()),
        ("item_id", config.item_id.as_str()),
        ("product_key", config.product_key.expose()),
        ("terminal_id", config.terminal_id.as_str()),
        ("env", &env),
    ];
    let mut text = Vec::new();
    while !entries.is_empty() {
        let (key, value) = entries.swap_remove(source.below(entries.len()));
        let notation = source.byte();
        let on = |bit: u8| notation & 1 << bit != 0;
        let blank = |bit| if on(bit) { " " } else { "" };
        // A URC in between is lifted out.
        text.extend_from_slice(if on(7) { b"\r\n+CREG: 1\r\n" } else { b"\r\n" });
        let quote = if key == "env" && on(6) { "" } else { "\"" };
        let (before, after, comma) = (blank(0), blank(1), if on(2) { "," } else { "" });
        let colon = format!("{}:{}", blank(3), blank(4));
        let entry = format!("\"{before}{key}{after}\"{colon}{quote}{value}{quote}{comma}");
        text.extend_from_slice(entry.as_bytes());
    }
    let stored = read(&text);
    let Some(stored) = stored else { panic!("{text:?} is not read") };
    assert_eq!(stored.differences(config), Vec::<&str>::new(), "{text:?}");
    assert_eq!(stored.module_supplier_no.as_deref(), Some("201901220900654009"));
    assert!(stored.other.expose().is_empty() && !stored.is_unset());
}
