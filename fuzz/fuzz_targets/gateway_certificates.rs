#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| m26_pay_fuzz::gateway_certificates(data));
