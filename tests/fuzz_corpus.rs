//! What fuzzers have found before, once more: `fuzz/README.md` says what each target claims.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use m26_pay_fuzz::TARGETS;

/// The crate's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn nothing_that_was_found_happens_again() {
    for (name, target) in TARGETS {
        let inputs = entries(&root().join("fuzz/corpus").join(name));
        assert!(!inputs.is_empty(), "{name} has nothing to begin with");
        for path in inputs {
            let bytes = fs::read(&path).unwrap();
            let outcome = std::panic::catch_unwind(|| target(&bytes));
            assert!(outcome.is_ok(), "{} with {path:?}", name);
        }
    }
}

#[test]
fn every_corpus_has_a_target() {
    for folder in entries(&root().join("fuzz/corpus")) {
        let name = folder.file_name().unwrap_or_default();
        let known = name == CAPI || TARGETS.iter().any(|(target, _)| name == *target);
        assert!(known, "{folder:?}");
    }
    for program in entries(&root().join("fuzz/fuzz_targets")) {
        let name = program.file_stem().unwrap_or_default();
        let known = name == CAPI || TARGETS.iter().any(|(target, _)| name == *target);
        assert!(known, "{program:?}");
    }
}

/// The seeds are those that the transcripts of today give: `cargo run --manifest-path
/// fuzz/Cargo.toml --example seeds` writes them.
#[test]
fn seeds_are_of_today() {
    for (target, name, bytes) in m26_pay_fuzz::seeds(root()) {
        let path = root().join("fuzz/corpus").join(target).join(name);
        let written = fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert_eq!(written, bytes, "{path:?}");
    }
}

/// Sequences of calls of the C interface, which no other target links; `capi/tests/sequences` runs its corpus.
const CAPI: &str = "capi";
