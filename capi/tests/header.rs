//! The headers in `include` and the `.map` files say what the sources say. To write them anew:
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
    let made = cbindgen::generate_with_config(root(), config("cbindgen.toml")).unwrap();
    same("include/m26pay.h", &text(&made));
}

/// It is a second file, so that who has a library without payments has no declaration of them.
#[test]
fn the_header_of_payments_is_that_of_their_sources() {
    let made = cbindgen::Builder::new()
        .with_config(config("cbindgen-payments.toml"))
        .with_src(root().join(PAYMENTS).join("mod.rs"));
    same("include/m26pay_payments.h", &text(&made.generate().unwrap()));
}

#[test]
fn every_function_has_a_version() {
    let payments = functions(&root().join(PAYMENTS));
    assert!(payments.contains("m26pay_payments_pay"), "{payments:?}");
    let names = functions(&root().join("src"));
    let others: BTreeSet<_> = names.difference(&payments).cloned().collect();
    assert!(others.contains("m26pay_client_open"), "{others:?}");
    same("libm26pay.map", &map("M26PAY_0", &others, "    local:\n        *;\n"));
    same("libm26pay_payments.map", &map("M26PAY_PAYMENTS_0", &payments, ""));
}

#[test]
fn every_function_is_misused() {
    let all = [("misuse.c", "src", PAYMENTS), ("misuse_payments.c", PAYMENTS, "")];
    for (file, of, but) in all {
        let misuse = fs::read_to_string(root().join("tests/c").join(file)).unwrap();
        let left_out = if but.is_empty() { BTreeSet::new() } else { functions(&root().join(but)) };
        let mut names = functions(&root().join(of));
        names.retain(|name| !left_out.contains(name) && !misuse.contains(&format!("{name}(")));
        assert!(names.is_empty(), "tests/c/{file} does not call {names:?}");
    }
}

/// The functions that the sources of a folder export.
fn functions(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in sources(folder) {
        let source = fs::read_to_string(path).unwrap();
        for behind in source.split("extern \"C\" fn ").skip(1) {
            if let Some((name, _)) = behind.split_once('(') {
                names.insert(name.to_owned());
            }
        }
    }
    names.retain(|name| name.starts_with("m26pay_"));
    names
}

/// The files of a folder and those in it, in the order of the alphabet.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { paths.extend(sources(&path)) } else { paths.push(path) }
    }
    paths.sort();
    paths
}

/// A version script for the linker.
fn map(version: &str, names: &BTreeSet<String>, local: &str) -> String {
    let mut made = format!("{version} {{\n    global:\n");
    for name in names {
        made += &format!("        {name};\n");
    }
    made + local + "};\n"
}

fn config(file: &str) -> cbindgen::Config {
    cbindgen::Config::from_file(root().join(file)).unwrap()
}

fn text(bindings: &cbindgen::Bindings) -> String {
    let mut made = Vec::new();
    bindings.write(&mut made);
    String::from_utf8(made).unwrap()
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

/// What is built with the feature of that name.
const PAYMENTS: &str = "src/payments";
