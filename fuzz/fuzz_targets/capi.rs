#![no_main]
#![allow(unsafe_code, reason = "functions that C calls")]

#[path = "../../capi/tests/sequences/calls.rs"]
mod calls;

libfuzzer_sys::fuzz_target!(|data: &[u8]| calls::calls(data));
