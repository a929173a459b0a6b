//! Calls in any order, with any handles.

#![allow(clippy::unwrap_used, unsafe_code, reason = "a test of functions that C calls")]

mod calls;

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
