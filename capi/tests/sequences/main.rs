//! Calls in any order, with any handles.

#![allow(clippy::unwrap_used, unsafe_code, reason = "a test of functions that C calls")]

mod calls;

use std::fs;
use std::path::Path;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nothing_crashes_and_what_was_freed_is_stale(
        data in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        calls::calls(&data);
    }
}

/// The corpus of the fuzzer's target `capi`.
#[test]
fn nothing_that_was_found_happens_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/capi");
    let mut inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    assert!(!inputs.is_empty());
    inputs.sort();
    for path in inputs {
        let outcome = std::panic::catch_unwind(|| calls::calls(&fs::read(&path).unwrap()));
        assert!(outcome.is_ok(), "{path:?}");
    }
}
