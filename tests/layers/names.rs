//! A public type has a name of its own, unless it is one of two drivers' twins.
//!
//! The payment gateways are not looked at: they can become a crate of their own, and have the names
//! of Alipay's and UnionPay's documents (`Order`, `Query`, `Refund`).

use std::collections::BTreeMap;
use std::fs;

use crate::sources;

#[test]
fn no_public_type_has_the_name_of_another() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (module, path) in sources() {
        let module = module.join("::");
        if module.starts_with("gateway") || module.starts_with("sim::gateway") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        for name in text.lines().filter_map(public_type) {
            places.entry(name.to_owned()).or_default().push(module.clone());
        }
    }
    assert!(places.len() > 200, "the reader found {} types only", places.len());
    for (name, modules) in &places {
        let twins = modules.len() == 2
            && modules.iter().any(|module| module.starts_with("blocking"))
            && modules.iter().any(|module| module.starts_with("asynch"));
        assert!(modules.len() == 1 || twins, "{name} stands in {}", modules.join(" and in "));
    }
}

/// The name of the type that a line begins to define for everybody.
fn public_type(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let (kind, rest) = rest.split_once(' ')?;
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    ["struct", "enum", "trait", "type"].contains(&kind).then(|| &rest[..end])
}

#[test]
fn definitions_are_found() {
    assert_eq!(public_type("pub struct Sign;"), Some("Sign"));
    assert_eq!(public_type("pub enum State<'a> {"), Some("State"));
    assert_eq!(public_type("pub fn sign() {"), None);
    assert_eq!(public_type("pub(super) struct Line {"), None);
    assert_eq!(public_type("    pub struct Inner;"), None);
}
