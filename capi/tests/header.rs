//! `include/m26pay.h` and `libm26pay.map` say what the sources say. To write them anew:
//!
//! ```text
//! M26PAY_WRITE=1 cargo test --package m26-pay-capi --test header
//! ```

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_header_is_that_of_the_sources() {
    let mut made = Vec::new();
    let root = root();
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    cbindgen::generate_with_config(root, config).unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    same("include/m26pay.h", &made);
}

#[test]
fn every_function_has_a_version() {
    let names = functions();
    assert!(names.contains("m26pay_client_open"), "{names:?}");
    let mut made = String::from("M26PAY_0 {\n    global:\n");
    for name in &names {
        made += &format!("        {name};\n");
    }
    made += "    local:\n        *;\n};\n";
    same("libm26pay.map", &made);
}

#[test]
fn every_function_is_misused() {
    let misuse = fs::read_to_string(root().join("tests/c/misuse.c")).unwrap();
    let missing: Vec<_> =
        functions().into_iter().filter(|name| !misuse.contains(&format!("{name}("))).collect();
    assert!(missing.is_empty(), "tests/c/misuse.c does not call {missing:?}");
}

/// The functions that the sources export.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(path).unwrap();
            for (_, behind) in source.split("extern \"C\" fn ").skip(1).map(|it| ("", it)) {
                if let Some((name, _)) = behind.split_once('(') {
                    names.insert(name.to_owned());
                }
            }
        }
    }
    names.retain(|name| name.starts_with("m26pay_"));
    names
}

fn same(file: &str, made: &str) {
    let path = root().join(file);
    if std::env::var_os("M26PAY_WRITE").is_some() {
        fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "{file} is not what the sources say: see tests/header.rs");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
