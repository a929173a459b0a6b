//! Every public error has its advice.

use std::fs;

use crate::sources;

/// The method stands in the file of its type. What its variants are told, the compiler asks for: no
/// `match` of this crate has an arm for variants to come.
#[test]
fn every_public_error_has_its_advice() {
    let mut found = 0;
    for (module, path) in sources() {
        let module = module.join("::");
        if WITHOUT
            .iter()
            .any(|(room, _)| module == *room || module.starts_with(&format!("{room}::")))
        {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        for name in errors(&text) {
            let place = format!("{module}::{name}");
            if WITHOUT.iter().any(|(known, _)| *known == place) {
                continue;
            }
            found += 1;
            let has = text.split(&format!("\nimpl {name} {{\n")).skip(1).any(|rest| {
                let end = rest.find("\n}\n").unwrap_or(rest.len());
                rest[..end].contains("pub fn advice(&self) -> Advice")
            });
            assert!(has, "{place} has no `advice()`: give it one, or a row in WITHOUT");
        }
    }
    assert!(found > 50, "the reader found {found} errors only");
}

#[test]
fn errors_are_found() {
    let text = "#[derive(Debug, thiserror::Error)]\n#[error(\"a\n b\")]\npub struct One;\n\n\
                #[derive(thiserror::Error)]\npub(crate) struct Mine;\n\n\
                impl std::error::Error for Two {}\n\nimpl fmt::Display for Three {}\n";
    assert_eq!(errors(text), ["One", "Two"]);
}

/// The names of the public errors that a file defines.
fn errors(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut derived = false;
    for line in text.lines() {
        if line.starts_with("#[derive(") {
            derived = line.contains("thiserror::Error");
        }
        if let Some(rest) = line.strip_prefix("pub enum ").or(line.strip_prefix("pub struct ")) {
            if std::mem::take(&mut derived) {
                found.push(rest.split(|c: char| !c.is_alphanumeric()).next().unwrap());
            }
        } else if line.starts_with("pub(") {
            derived = false;
        } else if let Some(rest) = line.strip_prefix("impl std::error::Error for ") {
            found.push(rest.split(|c: char| !c.is_alphanumeric()).next().unwrap());
        }
    }
    found
}

/// Rooms and errors that need none, and why.
const WITHOUT: &[(&str, &str)] = &[
    ("advice", "who names a language that is not there reads no advice"),
    ("sim", "the simulator is a developer's tool: no cashier meets its errors"),
    ("sqlite::Source", "it is what the system said, inside of a StoreError"),
];
